"""Secrets are taken out of what was decoded, before anything is stored."""
