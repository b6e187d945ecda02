"""The demo world: people, organisations and group buys whose histories really happened."""
