"""What happens without a person. It asks services, knows no table, and may be lost at any moment."""
