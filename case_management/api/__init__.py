"""The headless door: takes responses in and shows cases, as JSON over HTTP with an OpenAPI description."""
