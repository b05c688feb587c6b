"""Did it help? Every shown figure is defined here once, with its formula, window, source and weakness."""
