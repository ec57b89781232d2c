package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/gateway"
	"github.com/tender-engine/tender/internal/intake"
)

func (a *app) serve() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the gateway: events in over HTTP",
		Long: `Run the gateway until it is told to stop; then it finishes what it has begun. It listens on loopback unless told
otherwise, and elsewhere only with TENDER_API_KEY set. Run as many as you need.`,
		Example: "  TENDER_API_KEY=$(openssl rand -hex 32) tender serve --listen 0.0.0.0:8080",
		Args:    takes(),
	}
	a.listenFlag(c.Flags())
	c.RunE = a.does(func(ctx context.Context, _ []string) error { return a.runGateway(ctx) })
	return c
}

func (a *app) runGateway(ctx context.Context) error {
	s, err := a.settings()
	if err != nil {
		return err
	}
	if err := free(s.Listen); err != nil {
		return err
	}
	db, err := s.OpenStore(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	// A gateway serves while Temporal is away: what an event forbids must bind all the same.
	temporal, err := s.LazyTemporal()
	if err != nil {
		return err
	}
	defer temporal.Close()
	return gateway.Serve(ctx, gateway.Config{
		Door:  intake.New(db, &courier.Courier{Temporal: temporal, Clock: db.Clock()}, s.Door()),
		Store: db, Regimes: s.Regimes(),
		Temporal: func(ctx context.Context) error {
			_, err := temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		},
		Twilio: gateway.Twilio{Token: s.Getenv(channel.EnvTwilioToken), Callback: s.Getenv(channel.EnvTwilioCallback)},
		APIKey: s.APIKey, Log: s.Log, Listen: s.Listen,
		Listening: func(at net.Addr) { _, _ = fmt.Fprintf(a.err, "The gateway listens on http://%s.\n", at) },
	})
}

// free says who has the port of an address if somebody has it. What else is wrong with an address the gateway says itself.
func free(listen string) error {
	listener, err := net.Listen("tcp", listen)
	if err == nil {
		return listener.Close()
	}
	if at, wrong := net.ResolveTCPAddr("tcp", listen); wrong == nil && errors.Is(err, syscall.EADDRINUSE) {
		if err := devstack.CheckPort(at.Port); err != nil {
			return fmt.Errorf("gateway: %w (--listen HOST:PORT, or %s)", err, listenVariable)
		}
	}
	return nil
}
