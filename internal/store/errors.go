package store

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// code returns the SQLSTATE of an error of Postgres, or nothing.
func code(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// Code returns a word for an error that may leave Postgres: never its text, which may repeat personal values.
func Code(err error) string {
	switch state := code(err); {
	case err == nil:
		return ""
	case errors.Is(err, ErrNotFound):
		return "not_found"
	case state != "":
		return "postgres_" + state
	case Unavailable(err):
		return "postgres_away"
	}
	return "internal"
}

// Unavailable reports whether an error means that Postgres could not be asked, so that asking again may help.
func Unavailable(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) {
		return true
	}
	switch state := code(err); {
	case len(state) < 2: // a server that dies in the middle of a statement just falls silent
		return errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, puddle.ErrClosedPool)
	default:
		// 08: connection; 53: out of resources; 57: the server stops; 40: serialisation, deadlock
		return state[:2] == "08" || state[:2] == "53" || state[:2] == "57" || state[:2] == "40"
	}
}

// hideSecret drops what a connection error says beside its cause: it may repeat the connection string.
func hideSecret(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errors.New("the connection settings cannot be read")
	}
	return err
}
