"""What an auditor of homes asks. No page of this room names a child, and none needs a key."""
