# detector in a small image: docker build -t detector . && docker run -v "$PWD:/data" -w /data detector --help
FROM swift:6.1-bookworm AS build
RUN apt-get update -qq \
  && apt-get install -y -qq --no-install-recommends make pkg-config python3 libexpat1-dev libopenblas-dev libpng-dev \
    libtiff-dev libturbojpeg0-dev libwebp-dev zlib1g-dev \
  && rm -rf /var/lib/apt/lists/*
COPY . /source
WORKDIR /source
RUN make install STATIC=1 PREFIX=/usr DESTDIR=/installed

FROM debian:bookworm-slim
RUN apt-get update -qq \
  && apt-get install -y -qq --no-install-recommends libexpat1 libopenblas0-pthread libpng16-16 libtiff6 libturbojpeg0 \
    libwebp7 zlib1g \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /installed /
ENTRYPOINT ["detector"]
