"""Icons, fonts, themes, templates and sample data, found as `resources.files('assets')` in a checkout and in a wheel."""
