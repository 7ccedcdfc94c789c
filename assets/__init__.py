"""Icons, fonts, themes, templates and sample data; found as `importlib.resources.files("assets")`,
in a checkout and in an installed wheel alike.
"""
