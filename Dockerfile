# The tender command, static, in a small image that runs as nobody in particular.

FROM golang:1.26.8-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /tender ./starter

FROM alpine:3.22
# Time zones are law here: whether a borrower may be called depends on them.
RUN apk add --no-cache ca-certificates tzdata && adduser -D -H -u 10001 tender
COPY --from=build /tender /usr/local/bin/tender
USER 10001
EXPOSE 8080
ENTRYPOINT ["tender"]
CMD ["--help"]
