package check

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// top is the top of the checkout.
const top = "../.."

// load reads docker-compose.yml as `docker compose` does, with the variables of
// an env file, and none of this process's.
func load(t *testing.T, envFile string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(top, "docker-compose.yml")},
		cli.WithWorkingDirectory(top), cli.WithEnvFiles(envFile), cli.WithDotEnv, cli.WithInterpolation(true))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(context.Background())
}

func project(t *testing.T) *types.Project {
	t.Helper()
	project, err := load(t, filepath.Join(top, ".env.example"))
	if err != nil {
		t.Fatal(err)
	}
	if len(project.Services) != 4 {
		t.Fatalf("%d services", len(project.Services))
	}
	return project
}

func TestComposeWithoutPasswordsIsRefused(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, empty); err == nil || !strings.Contains(err.Error(), "deploy/new-env.sh") {
		t.Errorf("err = %v, want one that names deploy/new-env.sh", err)
	}
}

func TestEveryServiceHasTheLeastRights(t *testing.T) {
	for name, service := range project(t).Services {
		if !service.ReadOnly {
			t.Errorf("%s: its file system can be written", name)
		}
		if !slices.Equal(service.CapDrop, []string{"ALL"}) || len(service.CapAdd) != 0 {
			t.Errorf("%s: capabilities drop %v, add %v", name, service.CapDrop, service.CapAdd)
		}
		if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") || service.Privileged {
			t.Errorf("%s: may gain privileges", name)
		}
		if user, _, _ := strings.Cut(service.User, ":"); name != "ibarura" && (user == "" || user == "0") {
			t.Errorf("%s: runs as %q", name, service.User) // ibarura's user is in its Dockerfile
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is open to %q", name, port.Published, port.HostIP)
			}
		}
	}
}

func TestEveryImageIsPinned(t *testing.T) {
	for name, service := range project(t).Services {
		_, tag, found := strings.Cut(service.Image, ":")
		if !found || tag == "latest" {
			t.Errorf("%s: image %s", name, service.Image)
		}
	}
}

func TestEveryServiceTellsItsHealth(t *testing.T) {
	for name, service := range project(t).Services {
		if service.HealthCheck == nil && service.Build == nil { // ibarura's is in its Dockerfile
			t.Errorf("%s has no health check", name)
		}
	}
}

func TestEveryMountedFileIsInTheCheckout(t *testing.T) {
	mounts := 0
	for name, service := range project(t).Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			mounts++
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !volume.ReadOnly {
				t.Errorf("%s: %s can be written", name, volume.Source)
			}
		}
	}
	if mounts == 0 {
		t.Error("no mounts were found")
	}
}

func TestServicesWaitForWhatTheyNeed(t *testing.T) {
	services := project(t).Services
	if got := services["ibarura"].DependsOn["clickhouse"].Condition; got != types.ServiceConditionHealthy {
		t.Errorf("ibarura waits until clickhouse is %s", got)
	}
	// Requests under way, the loader, the spool and an engine have http.shutdown-timeout each, 30 s by default.
	if grace := services["ibarura"].StopGracePeriod; grace == nil || time.Duration(*grace) <= 4*30*time.Second {
		t.Errorf("ibarura is killed after %v", grace)
	}
}

// The spool is in the data folder: a container that is made anew must find it again.
func TestTheSpoolOutlivesTheContainer(t *testing.T) {
	service := project(t).Services["ibarura"]
	if dir := service.Environment["IBARURA_SPOOL_DIR"]; dir != nil && *dir != "" {
		t.Errorf("the spool is moved to %s: look at where that is", *dir)
	}
	at := slices.IndexFunc(service.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == "/data" })
	if at < 0 || service.Volumes[at].Type != types.VolumeTypeVolume || service.Volumes[at].Source != "ibarura" || service.Volumes[at].ReadOnly {
		t.Errorf("what is mounted: %+v", service.Volumes)
	}
	if len(service.Tmpfs) > 0 {
		t.Errorf("in memory: %v", service.Tmpfs)
	}
}
