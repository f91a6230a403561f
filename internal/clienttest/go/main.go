// Command go sends the same few things through each client for Go, as its
// documentation says to. What each client is given comes as JSON on standard
// input: by its name, the address to send to and the key.
//
// It is a module of its own, so that the product's go.mod holds what the product
// uses.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/posthog/posthog-go"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	analytics "gopkg.in/segmentio/analytics-go.v3"
)

// target is where a client sends, and its key.
type target struct{ Base, Key string }

var when = time.Date(2026, 3, 20, 9, 30, 0, 250_000_000, time.UTC)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var given map[string]target
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	outcomes := make(chan error)
	clients := map[string]func(context.Context, target) error{
		"analytics-go": segment, "posthog-go": postHog, "cloudevents-go": cloudEvents, "otlp-go": otlp,
	}
	for name, send := range clients {
		go func() {
			if err := send(ctx, given[name]); err != nil {
				outcomes <- fmt.Errorf("%s: %w", name, err)
			} else {
				outcomes <- nil
			}
		}()
	}
	var all error
	for range clients {
		all = errors.Join(all, <-outcomes)
	}
	return all
}

func segment(_ context.Context, to target) error {
	client, err := analytics.NewWithConfig(to.Key, analytics.Config{Endpoint: to.Base, RetryAfter: func(int) time.Duration { return 200 * time.Millisecond }})
	if err != nil {
		return err
	}
	post := analytics.NewProperties().Set("object_type", "post").Set("object_id", "hello").Set("words", 12)
	page := analytics.NewProperties().SetURL("https://example.org/posts/hello").SetTitle("Hello")
	return errors.Join(
		client.Enqueue(analytics.Identify{UserId: "ada", AnonymousId: "laptop", Timestamp: when, Traits: analytics.NewTraits().Set("role", "member").Set("plan", "pro")}),
		client.Enqueue(analytics.Track{UserId: "ada", AnonymousId: "laptop", Timestamp: when, Event: "Post Created", Properties: post}),
		client.Enqueue(analytics.Page{UserId: "ada", Timestamp: when, Name: "Hello", Properties: page}),
		client.Enqueue(analytics.Group{UserId: "ada", GroupId: "acme", Timestamp: when, Traits: analytics.NewTraits().Set("name", "Acme")}),
		client.Enqueue(analytics.Alias{UserId: "ada", PreviousId: "old-laptop", Timestamp: when}),
		client.Close())
}

func postHog(_ context.Context, to target) error {
	client, err := posthog.NewWithConfig(to.Key, posthog.Config{Endpoint: to.Base, RetryAfter: func(int) time.Duration { return 200 * time.Millisecond }})
	if err != nil {
		return err
	}
	post := posthog.NewProperties().Set("object_type", "post").Set("object_id", "hello").Set("words", 12)
	return errors.Join(
		client.Enqueue(posthog.Identify{DistinctId: "ada", Timestamp: when, Properties: posthog.NewProperties().Set("role", "member").Set("plan", "pro")}),
		client.Enqueue(posthog.Capture{DistinctId: "ada", Timestamp: when, Event: "post created", Properties: post}),
		client.Enqueue(posthog.GroupIdentify{Type: "company", Key: "acme", Timestamp: when, Properties: posthog.NewProperties().Set("name", "Acme")}),
		client.Enqueue(posthog.Alias{DistinctId: "ada", Alias: "laptop", Timestamp: when}),
		client.Close())
}

func cloudEvents(ctx context.Context, to target) error {
	client, err := cloudevents.NewClientHTTP(cloudevents.WithTarget(to.Base + "/cloudevents?key=" + to.Key))
	if err != nil {
		return err
	}
	ctx = cloudevents.ContextWithRetriesConstantBackoff(ctx, 200*time.Millisecond, 5)
	e := cloudevents.NewEvent()
	e.SetSource("/blog")
	e.SetType("org.example.post.created")
	e.SetSubject("post/hello")
	e.SetTime(when)
	e.SetExtension("sessionid", "s1")
	if err := e.SetData(cloudevents.ApplicationJSON, map[string]any{"user_id": "ada", "words": 12}); err != nil {
		return err
	}
	for _, form := range []struct {
		id  string
		ctx context.Context
	}{{"1", ctx}, {"2", cloudevents.WithEncodingStructured(ctx)}} {
		e.SetID(form.id)
		if result := client.Send(form.ctx, e); !cloudevents.IsACK(result) {
			return result
		}
	}
	return nil
}

func otlp(ctx context.Context, to target) error {
	exporter, err := otlploghttp.New(ctx, otlploghttp.WithEndpointURL(to.Base+"/v1/logs"), otlploghttp.WithCompression(otlploghttp.GzipCompression),
		otlploghttp.WithHeaders(map[string]string{"Authorization": "Bearer " + to.Key}))
	if err != nil {
		return err
	}
	about := resource.NewSchemaless(attribute.String("service.name", "blog"), attribute.String("host.name", "h"))
	provider := sdklog.NewLoggerProvider(sdklog.WithResource(about), sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)))
	var r log.Record
	r.SetEventName("post.created")
	r.SetTimestamp(when)
	r.SetBody(attribute.StringValue("the body"))
	r.AddAttributes(attribute.String("user.id", "ada"), attribute.String("object.type", "post"), attribute.String("object.id", "hello"), attribute.Int("words", 12))
	provider.Logger("test").Emit(ctx, r)
	return provider.Shutdown(ctx)
}
