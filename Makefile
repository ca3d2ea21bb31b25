# What a visitor or a contributor runs. Each target sets up .venv by itself; nothing needs root.
PYTHON_BIN := .venv/bin/python
# As many tests at once as there are processors; each worker has servers of its own.
WORKERS ?= auto
PYTEST := $(PYTHON_BIN) -m pytest --numprocesses $(WORKERS)
ARGS ?=

.PHONY: help demo demo-reset test test-sqlite test-postgres lint docs bench
.NOTPARALLEL:

help:
	@echo "make demo           the example site with sample cases; Ctrl-C stops it, the data stays"
	@echo "make demo-reset     throw the demo's data away"
	@echo "make test           the whole test suite, on SQLite and on PostgreSQL (ARGS='-k word' for a part, WORKERS=0 for one after the other)"
	@echo "make test-sqlite    only on SQLite"
	@echo "make test-postgres  only on PostgreSQL, what asks the database"
	@echo "make lint           style, types, layers, migrations, Django's deployment checks"
	@echo "make docs           the documentation as a site"
	@echo "make bench          the benchmarks"

demo:
	@.ci/venv demo
	@exec $(PYTHON_BIN) -m example_project.demo

demo-reset:
	@if kill -0 "$$(sed -n 's/.*process \([0-9]*\).*/\1/p' .demo/lock 2>/dev/null)" 2>/dev/null; then \
		echo "The demo is running: stop it first (Ctrl-C)."; exit 1; fi
	rm -rf .demo

test: test-sqlite test-postgres

test-sqlite:
	@.ci/venv test,lint
	$(PYTEST) --database sqlite $(ARGS)

test-postgres:
	@.ci/venv test,lint
	$(PYTEST) --database postgres $(ARGS)

lint:
	@.ci/venv test,lint
	@.ci/lint

docs:
	@.ci/venv docs
	$(PYTHON_BIN) -m mkdocs build --strict --config-file .mkdocs.yml

bench:
	@.ci/venv test,lint
	@for file in benchmarks/[a-z]*.py; do \
		name=$$(basename $$file .py); echo "== $$name"; $(PYTHON_BIN) -m benchmarks.$$name $(ARGS) || exit 1; done
