"""What shop platforms send by webhook when something happens there: a file a platform."""
