# syntax=docker/dockerfile:1
#
#   docker build --target gateway     -t wechat-gateway .
#   docker build --target mock-wechat -t mock-wechat .
#
# Where to start from. An air-gapped builder names images of its own, which know where its packages, crates and components of
# rustup are. With RELEASE_OPTIONS=--plain the gateway is built without a profile, in half the time.
ARG BUILD_IMAGE=rust:1.95-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
ARG RELEASE_OPTIONS=
WORKDIR /build
# What scripts/release would install otherwise, after every change of a source.
RUN case " ${RELEASE_OPTIONS} " in *" --plain "*) exit ;; esac && \
    apt-get update && apt-get install -y --no-install-recommends openssl postgresql redis-server && \
    rustup component add llvm-tools
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target,id=wechat-gateway,sharing=locked \
    scripts/release ${RELEASE_OPTIONS} && install -D -t /programs target/shipped/wechat-gateway

# With musl's C library inside, whose name resolver needs no files of a system around it, as glibc's does.
FROM ${BUILD_IMAGE} AS build-static
WORKDIR /build
RUN apt-get update && apt-get install -y --no-install-recommends musl-tools && \
    rustup target add "$(uname -m)-unknown-linux-musl"
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target,id=mock-wechat,sharing=locked \
    TARGET_CC=musl-gcc cargo build --release --locked --package mock-wechat --bins --target "$(uname -m)-unknown-linux-musl" && \
    install -D --strip -t /programs "target/$(uname -m)-unknown-linux-musl/release/mock-wechat"

FROM ${RUNTIME_IMAGE} AS runtime
# The authorities by which api.weixin.qq.com proves that it is itself.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN useradd --system --uid 10001 --home-dir /data --create-home app
USER 10001
WORKDIR /data

# Configuration: environment variables GATEWAY_<SECTION>__<KEY>, or a file mounted at the path that --config names.
FROM runtime AS gateway
COPY --from=build /programs/wechat-gateway /usr/local/bin/wechat-gateway
ENV GATEWAY_HTTP__LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["wechat-gateway"]
CMD ["serve"]

# The program and nothing else, not even a shell: its health check is a command of its own.
# Whoever reaches the container's port may move its clock and its people: publish it on the loopback only.
FROM scratch AS mock-wechat
# By these it knows callbacks with https.
COPY --from=build-static /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build-static /programs/mock-wechat /usr/local/bin/mock-wechat
USER 10001
ENV MOCK_WECHAT_LISTEN=0.0.0.0:9090
EXPOSE 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["/usr/local/bin/mock-wechat", "health", "--mock", "http://127.0.0.1:9090"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/mock-wechat"]
CMD ["serve", "--open-control"]
