# Front door.  The build is meson's (meson.build); this is what to type.
.DEFAULT_GOAL := all
RELEASE := --buildtype=release -Db_lto=true -Dtests=disabled
MAKEFLAGS += --no-print-directory

all:                ## build into build/
	@tools/install-packages build
	@[ -e build/build.ninja ] || meson setup build $(RELEASE) >/dev/null
	@ninja -C build

demo:               ## see it work: attested, sealed requests through a stock nginx
	@tools/install-packages build demo
	@[ -e build/build.ninja ] || meson setup build $(RELEASE) >/dev/null
	@ninja -C build --quiet src/programs/httpa
	@demo/run

check:              ## every test, against real peers, sanitised
	@tools/install-packages build test
	@tools/run-checks

bench:              ## the figures, as ratios
	@tools/install-packages build bench
	@[ -e build-bench/build.ninja ] || meson setup build-bench $(RELEASE) >/dev/null
	@ninja -C build-bench --quiet
	@bench/run
	@build-bench/bench/verify

install: all        ## install below /usr/local
	@meson install -C build

clean:              ## remove every build
	@rm -rf build build-*

help:               ## this list
	@sed -n 's/^\([a-z]*\):  *## /  make \1\t/p' Makefile | expand -t 16

.PHONY: all demo check bench install clean help
