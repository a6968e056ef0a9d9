"""steps"""
import streamlit as st

def render() -> None:
    """steps"""
    st.header("steps")
