package sqlite_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/store/sqlite"
)

// childRole names the environment variable that makes the test binary a child:
// "write", "manage", or the number of the migration statement to die after.
const childRole = "STUDIOBOT_SQLITE_CHILD"

func childProcess(t *testing.T, role, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, path)
	cmd.Env = append(os.Environ(), childRole+"="+role)
	cmd.Stderr = t.Output()
	return cmd
}

func child(role, path string) int {
	var err error
	switch role {
	case "write":
		err = writeForever(path)
	case "manage":
		err = manageForever(path)
	default:
		err = dieMigrating(role, path)
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// writeForever creates and spends tickets, and says so only once it is done.
func writeForever(path string) error {
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		id := strconv.Itoa(n)
		if _, _, err := s.Create(ctx, ticket(id)); err != nil {
			return err
		}
		fmt.Println("created", id)
		if _, err := s.Update(ctx, id, spend); err != nil {
			return err
		}
		fmt.Println("spent", id)
	}
}

func die() error {
	p, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := p.Kill(); err != nil {
		return err
	}
	select {} // until the signal is here
}

func dieMigrating(role, path string) error {
	last, err := strconv.Atoi(role)
	if err != nil {
		return err
	}
	n := 0
	_, err = sqlite.OpenUpgraded(ctx, path, func() error {
		if n++; n == last {
			return die()
		}
		return nil
	}, later...)
	return fmt.Errorf("still alive: %w", err)
}

// The process is killed after its n-th acknowledgement, so at any point of the
// write that follows. What it acknowledged must be there.
func TestKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 2, 3, 8, 41, 250} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "bot.db")
			acknowledged := map[string]string{}
			killAfter(t, "write", path, after, func(what, id string) { acknowledged[id] = what })
			s := open(t, path, sqlite.Options{})
			checkWhole(t, s)
			for id, what := range acknowledged {
				checkTicket(t, s, what, id)
			}
		})
	}
}

func checkTicket(t *testing.T, s *sqlite.Store, what, id string) {
	t.Helper()
	x, err := s.Load(ctx, id)
	if err != nil {
		t.Errorf("ticket %s was %s: %v", id, what, err)
	} else if what == "spent" && x.Buttons[0].Spent.IsZero() {
		t.Errorf("ticket %s isn't spent", id)
	}
}

// Two processes write to one file. Each sees at once what the other was told is
// done, and one that dies in a write doesn't hold up the other.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path, sqlite.Options{})
	n := 0
	killAfter(t, "write", path, 60, func(what, id string) {
		n++
		create(t, s, ticket(fmt.Sprint("ours-", n)))
		checkTicket(t, s, what, id)
	})
	create(t, s, ticket("after it died"))
	checkWhole(t, s)
}

// killAfter lets a child write and kills it after so many acknowledgements.
// each is called for all that it gave, the last ones after it died.
func killAfter(t *testing.T, role, path string, after int, each func(what, id string)) {
	t.Helper()
	cmd := childProcess(t, role, path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		what, id, ok := strings.Cut(lines.Text(), " ")
		if !ok {
			t.Fatalf("the child says %q", lines.Text())
		}
		each(what, id)
		if n++; n == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || n < after {
		t.Fatalf("the child ended by itself after %d writes: %v", n, err)
	}
}

// checkWhole looks for damage, also in what is derived: the count of tickets
// and the last revision.
func checkWhole(t *testing.T, s *sqlite.Store) {
	t.Helper()
	if got := one[string](t, s.Writer(), `PRAGMA integrity_check`); got != "ok" {
		t.Errorf("integrity_check: %s", got)
	}
	checkRevision(t, s)
	rows, counted := one[int](t, s.Writer(), `SELECT count(*) FROM tickets`), one[int](t, s.Writer(), `SELECT value FROM meta WHERE name = 'tickets'`)
	if rows != counted {
		t.Errorf("%d tickets, counted %d", rows, counted)
	}
}

// later are migrations as a later version may have them.
var later = [][]sqlite.Statement{
	{`ALTER TABLE tickets ADD COLUMN note TEXT`, `UPDATE tickets SET note = 'migrated'`},
	{`CREATE TABLE more (n INTEGER) STRICT`, `INSERT INTO more SELECT count(*) FROM tickets`},
}

// statements is how often the hook of a migration to the last version is called.
func statements(t *testing.T) (n int) {
	t.Helper()
	s, err := sqlite.OpenUpgraded(ctx, filepath.Join(t.TempDir(), "bot.db"), func() error { n++; return nil }, later...)
	if err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	return n
}

// checkMigrated opens the file as the later version does and looks at what the
// migrations did.
func checkMigrated(t *testing.T, path string, tickets int) {
	t.Helper()
	s, err := sqlite.OpenUpgraded(ctx, path, func() error { return nil }, later...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	checkWhole(t, s)
	if got := one[int](t, s.Reader(), `SELECT count(*) FROM tickets WHERE note = 'migrated'`); got != tickets {
		t.Errorf("%d of %d tickets are migrated", got, tickets)
	}
	if got := one[int](t, s.Reader(), `SELECT max(n) FROM more`); got != tickets || one[int](t, s.Reader(), `SELECT count(*) FROM more`) != 1 {
		t.Errorf("the last migration counted %d of %d tickets, or ran twice", got, tickets)
	}
	if key, err := s.Key(ctx); err != nil || len(key) != 32 {
		t.Errorf("Key = %d bytes, %v", len(key), err)
	}
	create(t, s, ticket("after"))
}

// Whichever statement is the last one, the next start finishes the work.
func TestMigrationBrokenOffAnywhere(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken off")
	for last := range statements(t) {
		path := filepath.Join(t.TempDir(), fmt.Sprint(last))
		for _, stop := range []int{last, 0} { // and once more right at the start
			n := 0
			s, err := sqlite.OpenUpgraded(ctx, path, func() error {
				if n++; n > stop {
					return broken
				}
				return nil
			}, later...)
			if err == nil {
				shut(t, s)
			}
			if n > stop != errors.Is(err, broken) || (stop == last && err == nil) {
				t.Fatalf("broken off after statement %d: %v", stop+1, err)
			}
		}
		checkMigrated(t, path, 0)
	}
}

func TestProcessKilledWhileMigrating(t *testing.T) {
	t.Parallel()
	for last := 1; last <= statements(t); last++ {
		t.Run(fmt.Sprint(last), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "bot.db")
			var died *exec.ExitError
			if err := childProcess(t, fmt.Sprint(last), path).Run(); !errors.As(err, &died) || died.Exited() {
				t.Fatalf("the child wasn't killed: %v", err)
			}
			checkMigrated(t, path, 0)
		})
	}
}

func TestUpgradeKeepsTickets(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path, sqlite.Options{})
	for n := range 3 {
		x := ticket(fmt.Sprint(n))
		x.Expires = time.Now().Add(time.Hour)
		create(t, s, x)
	}
	shut(t, s)
	checkMigrated(t, path, 3)
	checkNewer(t, path)
}

func checkNewer(t *testing.T, path string) {
	t.Helper()
	before := content(t, path)
	if _, err := sqlite.Open(ctx, path, sqlite.Options{}); !errors.Is(err, sqlite.ErrNewer) {
		t.Errorf("Open of a newer version's file = %v", err)
	}
	if !strings.Contains(sqlite.ErrNewer.Error(), "run that version") {
		t.Error("it doesn't say what to do")
	}
	if content(t, path) != before {
		t.Error("the newer version's file was changed")
	}
}

// content reads a file that no handle of this process has open.
func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
