# `make demo` and `make test` set up what they need on a Debian machine with a Swift toolchain.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: demo test build static docs install deb deps lint format clean bench-peers sanitize fuzz storm
.PHONY: mpi mpi-deps storm-ranks man

DEBIAN_PACKAGES := libexpat1-dev libopenblas-dev libpng-dev libtiff-dev libturbojpeg0-dev libwebp-dev zlib1g-dev
DETECTOR := .build/release/detector
DEMO := runs/demo
# mAP of VOC2010+ that the demo must reach on its test images: it reaches .98.
DEMO_MAP := 0.90

build: deps
	swift build -c release --product detector

# STATIC=1 puts Swift's own libraries into the program, which then runs where no Swift is.
PREFIX ?= /usr/local
DESTDIR ?=
STATIC ?=
PROGRAM = $(if $(STATIC),.build/static/release/detector,$(DETECTOR))
static: deps
	swift build -c release --static-swift-stdlib --scratch-path .build/static --product detector

install: man
	install -D -m 755 -s $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/detector
	if [ -e $(MPI_LIBRARY) ]; then install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib $(MPI_LIBRARY); fi
	install -d $(DESTDIR)$(PREFIX)/share/detector/Models
	install -m 644 Models/*.cfg Models/*.conv.* Models/README.md $(DESTDIR)$(PREFIX)/share/detector/Models
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 .build/man/*.1
	gzip -9nf $(DESTDIR)$(PREFIX)/share/man/man1/detector*.1
	install -D -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/detector/copyright
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(PROGRAM) --generate-completion-script bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/detector
	$(PROGRAM) --generate-completion-script zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_detector
	$(PROGRAM) --generate-completion-script fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/detector.fish

# The manual pages in .build/man: what the program says of itself, as mdoc.
MANUAL_DATE = $(or $(shell git log -1 --format=%cs 2>/dev/null),$(shell date +%F))
man: $(if $(STATIC),static,build)
	rm -rf .build/man
	.ci/manual $(PROGRAM) .build/man --date $(MANUAL_DATE)

# A package for Debian: detector_VERSION_ARCHITECTURE.deb in .build. It needs no Swift.
deb:
	rm -rf .build/deb
	$(MAKE) install STATIC=1 PREFIX=/usr DESTDIR=.build/deb
	mkdir -p .build/deb/DEBIAN
	version=$$(.build/static/release/detector --version); architecture=$$(dpkg --print-architecture); \
	  printf '%s\n' "Package: detector" "Version: $$version" "Architecture: $$architecture" \
	  "Maintainer: the authors of detector <detector@example.invalid>" "Section: science" "Priority: optional" \
	  "Depends: $(DEB_DEPENDS)" "Recommends: ffmpeg" \
	  "Description: object detection that knows what it does not know" \
	  " Trains, judges and runs single-stage detectors, classifiers and networks of" \
	  " keypoints on the CPU, from Darknet's cfg files, with a Bayesian branch." \
	  > .build/deb/DEBIAN/control; \
	  dpkg-deb --root-owner-group --build .build/deb .build/detector_$${version}_$$architecture.deb
DEB_DEPENDS := libc6, libstdc++6, libexpat1, libopenblas0 | libopenblas0-pthread, libpng16-16, libtiff6, \
  libturbojpeg0 | libturbojpeg1, libwebp7, zlib1g

# Draws a data set, trains on it with a Bayesian branch, evaluates, detects and maps uncertainty: the
# whole tool in a few minutes.
demo: build
	rm -rf $(DEMO)
	$(DETECTOR) synthesize --out $(DEMO)/data --count 500 --size 192 --occlusion 0.3 --blur 0.3
	$(DETECTOR) check --voc $(DEMO)/data
	$(DETECTOR) train --voc $(DEMO)/data --out $(DEMO)/run \
	  --branch convBayes --branch-mode accompanyDetached
	$(DETECTOR) eval --voc $(DEMO)/data:test --run $(DEMO)/run
	mkdir -p $(DEMO)/photos
	head -8 $(DEMO)/data/ImageSets/Main/test.txt \
	  | while read -r id; do cp $(DEMO)/data/JPEGImages/$$id.jpg $(DEMO)/photos/; done
	$(DETECTOR) detect $(DEMO)/photos --run $(DEMO)/run --confidence 0.5 \
	  --json $(DEMO)/detections.json --out $(DEMO)/pictures
	$(DETECTOR) uncertainty $(DEMO)/photos --run $(DEMO)/run --kind bald --out $(DEMO)/maps
	$(DETECTOR) report $(DEMO)/run --voc $(DEMO)/data:test --out $(DEMO)/report.html
	@echo
	@echo "mAP on the test images (voc07, voc12):" \
	  "$$(sed -n 's/.*"mAP" : \([0-9.]*\).*/\1/p' $(DEMO)/run/eval.json | paste -sd' ')"
	@echo "pictures with boxes: $(DEMO)/pictures/"
	@echo "maps of uncertainty: $(DEMO)/maps/*/bald-overlay.png"
	@echo "all of it on one page: $(DEMO)/report.html"
	@awk -v least=$(DEMO_MAP) '/"voc12"/ {inside = 1} inside && /"mAP" :/ {reached = $$3 + 0; exit} \
	  END {if (reached < least) {print "the demo reached a voc12 mAP of " reached \
	  ", less than the " least " that it should"; exit 1}}' $(DEMO)/run/eval.json >&2

# Installs the system libraries only where pkg-config does not find them.
deps:
	@if ! pkg-config --exists expat openblas libpng libturbojpeg libtiff-4 libwebp zlib 2>/dev/null; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "installing $(DEBIAN_PACKAGES)"; \
	  $$sudo apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq pkg-config $(DEBIAN_PACKAGES); \
	fi

# Several processes and machines train together: the library beside the program through which they
# speak, by the MPI that the machine has; Open MPI is installed where there is none. The program itself
# is the same without it.
MPICC ?= mpicc
MPI_LIBRARY := .build/release/libdetectormpi.so
mpi: build mpi-deps
	$(MPICC) -std=gnu17 -O2 -Wall -Wextra -shared -fPIC -ISources/CProcessGroup/include \
	  Sources/CProcessGroup/mpi/mpi_group.c -o $(MPI_LIBRARY)

mpi-deps:
	@if ! command -v $(MPICC) >/dev/null; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq libopenmpi-dev openmpi-bin; \
	fi

lint: deps
	swift format lint --strict --recursive Sources Tests Package.swift
	.ci/check

format:
	swift format --in-place --recursive Sources Tests Package.swift

test: lint docs
	swift test -c release --disable-xctest --explicit-target-dependency-import-check error
	.ci/spills .build/release/CKernels.build/{engine,int8}_*.o

# The documentation as static pages in .build/docs.
docs:
	mkdir -p .build
	"$$(dirname "$$(readlink -f "$$(command -v swift)")")/docc" convert Sources/detector/Documentation.docc \
	  --fallback-display-name detector --fallback-bundle-identifier detector --warnings-as-errors \
	  --transform-for-static-hosting --output-path .build/docs

# The kernels, their threads and what calls them under the sanitizers; takes some minutes to build.
sanitize: deps
	swift test --sanitize address --scratch-path .build/address --disable-xctest \
	  --filter 'ComputeTests|LayersTests'
	swift test --sanitize thread --scratch-path .build/thread --disable-xctest --filter ComputeTests

# Reads mutants of files of every kind, FUZZ for each target; `make test` reads 2,000.
FUZZ ?= 20000
FUZZ_SEED ?= 2
fuzz: deps
	DETECTOR_FUZZ=$(FUZZ) DETECTOR_FUZZ_SEED=$(FUZZ_SEED) swift test -c release --disable-xctest \
	  --explicit-target-dependency-import-check error --filter FuzzTests

# Kills and disturbs training ROUNDS times; every run must end with the same bytes.
ROUNDS ?= 100
storm: build
	$(PYTHON) Tests/Storm/storm.py $(DETECTOR) --rounds $(ROUNDS)

# Kills rank 1 of a training twenty times; every run must end, and resume to the same bytes.
storm-ranks: mpi
	$(PYTHON) Tests/Storm/ranks.py $(DETECTOR)

# Times detector and its peers in turn, with the best kernels of this CPU and with those of AVX2; PYTHON
# needs their packages, PEERS is where their scripts are, BENCH are more options of the script.
PYTHON ?= python3
PEERS ?= ../shared/peers
bench-peers: build
	$(PYTHON) Tests/Peers/bench_peers.py --peers $(PEERS) --int8 $(BENCH)
	$(PYTHON) Tests/Peers/bench_peers.py --peers $(PEERS) --int8 --modes inference \
	  --instruction-set avx2 $(BENCH)

clean:
	rm -rf .build runs
