// Package docs holds what the program itself serves of its documentation.
package docs

import _ "embed"

// OpenAPI describes the HTTP API, as /api/v1/openapi.yaml serves it.
//
//go:embed openapi.yaml
var OpenAPI []byte
