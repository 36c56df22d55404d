"""What readers see, rendered from editions and nothing else. No view looks at who is asking."""
