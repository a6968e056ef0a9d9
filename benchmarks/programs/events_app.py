"""The app that publishes and handles the benchmark's events."""

from causeline import App

app = App("bench")
