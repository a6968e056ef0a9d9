"""What several views are made of: figures, links, moments, and parts that stay in view."""
