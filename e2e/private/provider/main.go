// Command provider is a single sign-on provider for the tests: the OpenID
// Connect server of a certified library, on loopback, with three people in it.
// It is a module of its own, so that what it stands on is no part of inviter.
//
// The first line on standard output is its issuer address.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// people are who can sign in, with the password "correct horse".
type people map[string]*storage.User

func (p people) GetUserByID(id string) *storage.User         { return p[id] }
func (p people) GetUserByUsername(name string) *storage.User { return p[name] }
func (people) ExampleClientID() string                       { return "" }

func person(name string) *storage.User {
	return &storage.User{
		ID: name, Username: name, Password: "correct horse", FirstName: name, LastName: "Test",
		Email: name + "@example.org", EmailVerified: name != "eve",
	}
}

// grouped also says which groups a person is in: each in one of his own name.
type grouped struct{ *storage.Storage }

// SetUserinfoFromToken answers at the userinfo endpoint.
func (g grouped) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, token, subject, origin string) error {
	err := g.Storage.SetUserinfoFromToken(ctx, info, token, subject, origin)
	info.AppendClaims("groups", []string{"everybody", subject + "s"})
	return err
}

func main() {
	redirect := flag.String("redirect", "", "where people are sent back to, addresses separated by commas")
	flag.Parse()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	issuer := "http://" + listener.Addr().String()
	storage.RegisterClients(storage.WebClient("inviter", "secret", strings.Split(*redirect, ",")...))
	known := people{}
	for _, name := range []string{"ada", "grace", "eve"} {
		known[name] = person(name)
	}
	router := exampleop.SetupServer(issuer, grouped{storage.NewStorage(known)}, nil, false, op.WithAllowInsecure())
	fmt.Println(issuer)
	log.Fatal(http.Serve(listener, router))
}
