"""What runs in pages of a shop: the tracker and the widget, served under addresses that never change."""
