"""The pages, a module each; what they show comes from `platform`, which keeps it current."""
