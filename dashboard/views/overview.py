"""overview"""
import streamlit as st

def render() -> None:
    """overview"""
    st.header("overview")
