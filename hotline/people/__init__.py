"""`hotline staff`, `import owners` and `access`."""
