# `make demo` and `make test` set up what they need on a Debian machine with a Swift toolchain.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: demo test build deps lint format clean

DEBIAN_PACKAGES := libopenblas-dev libpng-dev libturbojpeg0-dev
DETECTOR := .build/release/detector
DEMO := runs/demo

build: deps
	swift build -c release --product detector

# Installs the system libraries only where pkg-config does not find them.
deps:
	@if ! pkg-config --exists openblas libpng libturbojpeg 2>/dev/null; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "installing $(DEBIAN_PACKAGES)"; \
	  $$sudo apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq pkg-config $(DEBIAN_PACKAGES); \
	fi

lint: deps
	swift format lint --strict --recursive Sources Tests Package.swift
	.ci/check

format:
	swift format --in-place --recursive Sources Tests Package.swift

test: lint
	swift build -c release --product detector
	swift test -c release --disable-xctest

clean:
	rm -rf .build runs
