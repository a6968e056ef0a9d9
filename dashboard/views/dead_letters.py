"""dead_letters"""
import streamlit as st

def render() -> None:
    """dead_letters"""
    st.header("dead_letters")
