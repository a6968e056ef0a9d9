"""runs"""
import streamlit as st

def render() -> None:
    """runs"""
    st.header("runs")
