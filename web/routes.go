package web

import (
	"net/http"
	"slices"
)

// Route is one line of the route table: method and path, and who may use it.
type Route struct {
	Pattern string
	Need    Need
}

// handler answers one request of a known caller. Its error is a refusal or a
// fault, answered in one place.
type handler func(w http.ResponseWriter, r *http.Request, c caller) error

type route struct {
	Route
	serve handler
}

// Routes is the table that the site serves, without its handlers.
func (s *Site) Routes() []Route {
	var list []Route
	for _, r := range s.routes() {
		list = append(list, r.Route)
	}
	return list
}

// routes is the table of contents of everything the site answers.
func (s *Site) routes() []route {
	return slices.Concat(s.staffPages(), s.buttons(), s.accountPages(), s.usersPages(), s.programs())
}

// staffPages are what technicians look at, and what pages are made of.
func (s *Site) staffPages() []route {
	return []route{
		{Route{"GET /{$}", Reads}, s.queuePage},
		{Route{"GET /rows", Reads}, s.rowsPart},
		{Route{"GET /tickets/{id}", Reads}, s.ticketPage},
		{Route{"GET /history", Reads}, s.historyPage},
		{Route{"GET /reports", Reads}, s.reportsPage},
		{Route{"GET /sources", Reads}, s.sourcesPage},
		{Route{"GET /assets/{file}", Anybody}, s.asset},
		{Route{"GET /icon/{n}", Anybody}, s.icon},

		// by phone
		{Route{"GET /offer", Works}, s.offerPage},

		// whom we know, and whom we invited
		{Route{"GET /contacts", Works}, s.contactsPage},
		{Route{"GET /links", Works}, s.linksPage},
	}
}

// buttons are what technicians do on the pages.
func (s *Site) buttons() []route {
	return []route{
		{Route{"POST /claims", Works}, s.formNext},
		{Route{"POST /tickets/{id}/claim", Works}, s.form(s.claim)},
		{Route{"POST /tickets/{id}/connected", Works}, s.form(s.connected)},
		{Route{"POST /tickets/{id}/undo", Works}, s.form(s.undo)},
		{Route{"POST /tickets/{id}/release", Works}, s.form(s.release)},
		{Route{"POST /tickets/{id}/close", Works}, s.form(s.close)},
		{Route{"POST /tickets/{id}/transfer", Works}, s.form(s.transfer)},
		{Route{"POST /tickets/{id}/take-over", Works}, s.form(s.takeOver)},
		{Route{"POST /tickets/{id}/approve", Leads}, s.form(s.approve)},
		{Route{"POST /tickets/{id}/refuse", Leads}, s.form(s.refuse)},
		{Route{"POST /tickets/{id}/invitation", Works}, s.formFile},
		{Route{"POST /tickets/{id}/unlock", Works}, s.formUnlock},
		{Route{"GET /tickets/{id}/unlock", Reads}, s.unlocked},
		{Route{"POST /sources/{name}/scan", Works}, s.formScan},
		{Route{"POST /refusals/{id}/retry", Works}, s.formRetry},
		{Route{"POST /refusals/{id}/dismiss", Leads}, s.formDismiss},
		{Route{"POST /refusals/{id}/item", Leads}, s.formItem},

		// beside the queue
		{Route{"POST /offer", Works}, s.formOffer},
		{Route{"POST /contacts/{id}/revoke", Works}, s.formRevoke},
		{Route{"POST /links", Works}, s.formMakeLink},
		{Route{"POST /links/{id}/close", Works}, s.formLink(s.closeLink)},
		{Route{"POST /links/{id}/ask-again", Works}, s.formLink(s.askAgainByLink)},
	}
}

// accountPages are the ways in, and who may come in.
func (s *Site) accountPages() []route {
	return []route{
		// log-in
		{Route{"GET /login", Anybody}, s.loginPage},
		{Route{"POST /login", Anybody}, s.logIn},
		{Route{"GET /login/link/{secret}", Anybody}, s.linkPage},
		{Route{"POST /login/link", Anybody}, s.useLink},
		{Route{"POST /logout", Anybody}, s.logOut},
		{Route{"GET /login/sso", Anybody}, s.signOn},
		{Route{"GET /login/sso/back", Anybody}, s.signedOn},

		// accounts
		{Route{"GET /accounts", Admins}, s.managed(s.accountsPage)},
		{Route{"POST /accounts", Admins}, s.managed(s.addAccount)},
		{Route{"GET /accounts/{name}", Owns}, s.managed(s.accountPage)},
		{Route{"POST /accounts/{name}/role", Admins}, s.managed(s.onAccount(s.accountRole))},
		{Route{"POST /accounts/{name}/disable", Admins}, s.managed(s.onAccount(s.accountDisable))},
		{Route{"POST /accounts/{name}/enable", Admins}, s.managed(s.onAccount(s.accountEnable))},
		{Route{"POST /accounts/{name}/link", Admins}, s.managed(s.onAccount(s.accountLink))},
		{Route{"POST /accounts/{name}/token", Owns}, s.managed(s.onAccount(s.accountToken))},
		{Route{"POST /accounts/{name}/revoke", Owns}, s.managed(s.onAccount(s.accountRevoke))},
		{Route{"POST /accounts/{name}/password", Self}, s.managed(s.accountPassword)},
	}
}

// usersPages are for those who need help, and have no account.
func (s *Site) usersPages() []route {
	return []route{
		// users, with the secret of a ticket
		{Route{"GET /t/{secret}", Anybody}, s.statusPage},
		{Route{"GET /t/{secret}/events", Anybody}, s.statusEvents},
		{Route{"POST /t/{secret}/withdraw", Anybody}, s.users(s.userWithdraws)},
		{Route{"POST /t/{secret}/not-me", Anybody}, s.users(s.userDisowns)},
		{Route{"POST /t/{secret}/answer", Anybody}, s.users(s.userTells)},
		{Route{"POST /t/{secret}/fresh", Gives}, s.users(s.userSendsFresh)},
		{Route{"POST /t/{secret}/distrust", Anybody}, s.users(s.userDistrusts)},
		{Route{"POST /t/{secret}/again", Anybody}, s.userAsksAgain},

		// users, without
		{Route{"GET /ask", Anybody}, s.askPage},
		{Route{"POST /ask", Gives}, s.askHandIn},
		{Route{"POST /ask/look", Gives}, s.askLook},
		{Route{"POST /ask/call", Gives}, s.askCall},

		// users, whom a technician invited
		{Route{"GET /s", Anybody}, s.codePage},
		{Route{"POST /s", Anybody}, s.codeTyped},
		{Route{"GET /s/{secret}", Anybody}, s.supportPage},
		{Route{"GET /s/{secret}/events", Anybody}, s.supportEvents},
		{Route{"POST /s/{secret}/confirm", Anybody}, s.supported(s.userConfirms)},
		{Route{"POST /s/{secret}/invitation", Gives}, s.supported(s.userBrings)},
	}
}

// programs are what other programs call.
func (s *Site) programs() []route {
	return []route{
		// API
		{Route{"GET /api/v1/openapi.yaml", Anybody}, s.openAPI},
		{Route{"GET /api/v1/tickets", Reads}, s.apiTickets},
		{Route{"POST /api/v1/tickets", Hands}, s.apiSubmit},
		{Route{"GET /api/v1/tickets/{id}", Reads}, s.apiTicket},
		{Route{"POST /api/v1/claims", Works}, s.apiNext},
		{Route{"POST /api/v1/tickets/{id}/claim", Works}, s.api(s.claim)},
		{Route{"POST /api/v1/tickets/{id}/renew", Works}, s.api(s.renew)},
		{Route{"POST /api/v1/tickets/{id}/connected", Works}, s.api(s.connected)},
		{Route{"POST /api/v1/tickets/{id}/undo", Works}, s.api(s.undo)},
		{Route{"POST /api/v1/tickets/{id}/release", Works}, s.api(s.release)},
		{Route{"POST /api/v1/tickets/{id}/close", Works}, s.api(s.close)},
		{Route{"POST /api/v1/tickets/{id}/transfer", Works}, s.api(s.transfer)},
		{Route{"POST /api/v1/tickets/{id}/take-over", Works}, s.api(s.takeOver)},
		{Route{"POST /api/v1/tickets/{id}/approve", Leads}, s.api(s.approve)},
		{Route{"POST /api/v1/tickets/{id}/refuse", Leads}, s.api(s.refuse)},
		{Route{"POST /api/v1/tickets/{id}/invitation", Works}, s.apiFile},
		{Route{"POST /api/v1/tickets/{id}/unlock", Works}, s.apiUnlock},
		{Route{"GET /api/v1/events", Reads}, s.events},
		{Route{"GET /api/v1/sources", Reads}, s.apiSources},
		{Route{"POST /api/v1/sources/{name}/scan", Works}, s.apiScan},
		{Route{"GET /api/v1/reports", Reads}, s.apiReports},
		{Route{"GET /api/v1/refusals", Works}, s.apiRefusals},
		{Route{"POST /api/v1/refusals/{id}/retry", Works}, s.apiRetry},
		{Route{"POST /api/v1/refusals/{id}/dismiss", Leads}, s.apiDismiss},
		{Route{"POST /api/v1/refusals/{id}/item", Leads}, s.item},

		// support links, of their technician
		{Route{"GET /api/v1/links", Works}, s.apiLinks},
		{Route{"POST /api/v1/links", Works}, s.apiMakeLink},
		{Route{"POST /api/v1/links/{id}/close", Works}, s.apiLink(s.closeLink)},
		{Route{"POST /api/v1/links/{id}/ask-again", Works}, s.apiLink(s.askAgainByLink)},

		// chat systems
		{Route{"POST /chat/{name}", Chats}, s.chatCommand},

		// operators
		{Route{"GET /healthz", Anybody}, s.healthz},
		{Route{"GET /readyz", Anybody}, s.readyz},
		{Route{"GET /metrics", Anybody}, s.metricsPage},
	}
}
