# syntax=docker/dockerfile:1
# Built where it is fast, for where it will run.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
ARG TARGETOS
ARG TARGETARCH
RUN go env -w GOOS=${TARGETOS} GOARCH=${TARGETARCH}
ENV CGO_ENABLED=0
RUN go build -tags lambda.norpc -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /studiobot ./cmd/studiobot

# Nothing but the binary and CA certificates; runs as user 65532 and writes
# nothing, so the file system can be read-only.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /studiobot /studiobot
WORKDIR /etc/studiobot
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s CMD ["/studiobot", "health"]
ENTRYPOINT ["/studiobot"]
CMD ["serve", "--config", "/etc/studiobot/studiobot.yaml"]
