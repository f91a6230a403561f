package access

import (
	"regexp"
	"time"
	_ "time/tzdata" // a machine without zone files must not lose its projects
)

// Project is a project as requests see it.
type Project struct {
	Name    string
	Zone    *time.Location // its days begin and end here
	origins *originSet     // nil: none
}

// AllowsOrigin reports whether a page of this origin, as the header Origin
// names it, may use a key of the project.
func (p *Project) AllowsOrigin(origin string) bool {
	return p.origins != nil && p.origins.allows(origin)
}

// NewProject returns a project that allows these origins, each as ParseOrigin
// returns it.
func NewProject(name string, zone *time.Location, origins []string) Project {
	return Project{name, zone, newOriginSet(origins)}
}

var projectName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// CheckProjectName returns an ErrInvalid that says the rule if name breaks it.
func CheckProjectName(name string) error {
	if !projectName.MatchString(name) {
		return invalid("project name %q has to be 1 to 63 lower-case letters, digits, - and _, beginning with a letter or digit", name)
	}
	return nil
}

// LoadZone returns the IANA zone of that name. "" and "Local", which Go also
// takes, are refused: they mean another zone on another machine.
func LoadZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, invalid("time zone %q is no IANA zone such as UTC or Africa/Kigali", name)
	}
	return zone, nil
}
