"""The API, over HTTP where it matters."""
