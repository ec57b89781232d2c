package gateway

// Routes are the routes that are served, such as GET /v1/loans.
func Routes() (routes []string) {
	for _, r := range (&gateway{}).routes() {
		routes = append(routes, r.method+" "+r.path)
	}
	return routes
}
