package mapping_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/mapping"
)

const (
	noText     = "isn't text; save the file as UTF-8, without control characters (in Excel: CSV UTF-8)"
	twoOrThree = " fields; write slack_id,profile or slack_id,profile,domain, separated by "
	asFirst    = " as on the first line"
	badQuotes  = `quotes belong around a whole field, and are doubled inside of one ("")`
)

func checkCSV(text string) (mistakes, warnings string) {
	m, w := mapping.Check("users.csv", []byte(text), configured())
	var lines []string
	for _, m := range m {
		lines = append(lines, strings.TrimPrefix(m.String(), "users.csv:"))
	}
	return strings.Join(lines, "\n"), strings.Join(w, "\n")
}

func TestCheckCSVMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"a name for a person", "U1A,jane\njane,jane", []string{`2: "jane"` + likeThis}},
		{"small letters", "u012ab3cd,jane", []string{`1: "u012ab3cd"` + noID + `did you mean U012AB3CD?`}},
		{"nobody", "U1A,a\n,jane", []string{"2: no Slack user ID; write one like U012AB3CD"}},
		{"no profile", "U1A,\nU2B,,prod", []string{"1: no user profile; write one, or deny", "2: no user profile; write one, or deny"}},
		{"a dot", "U1A,frank.gonzalez", []string{`1: "frank.gonzalez"` + noName + "; did you mean frank-gonzalez?"}},
		{"64 characters", "U1A," + strings.Repeat("a", 64), []string{"1: a user profile's name has up to 63 characters, this one 64"}},
		{"a domain misspelt", "U1A,jane,reserch", []string{`1: there is no domain "reserch"; did you mean research?`}},
		{"another domain", "U1A,jane,kitchen", []string{`1: there is no domain "kitchen"; the config has research, prod`}},
		{"every domain by a word", "U1A,jane,*\nU2B,jane,ALL", []string{
			`1: there is no domain "*"; leave the field empty for every domain`, `2: there is no domain "ALL"; leave the field empty for every domain`}},
		{"twice", "U1A,a\n\nU1A,b", []string{"3: U1A stands on line 1 already; keep one of the two"}},
		{"twice in a domain", "U1A,a,prod\nU1A,b\nT1/U1A,c,prod\nU1A,d,prod", []string{"4: U1A in prod stands on line 1 already; keep one of the two"}},
		{"too few", "U1A", []string{"1: 1" + twoOrThree + `','` + asFirst}},
		{"too many", "U1A;a;prod;x", []string{"1: 4" + twoOrThree + `';'` + asFirst}},
		{"another separator", "U1A;a\nU2B,b", []string{"2: 1" + twoOrThree + `';'` + asFirst}},
		{"less than the header", "slack_id,profile,domain\nU1A,a,\nU2B,b", []string{"3: 2 fields, and the header line has 3, separated by ','" + asFirst}},
		{"more than the header", "slack_id,profile\nU1A,a,prod", []string{"2: 3 fields, and the header line has 2, separated by ','" + asFirst}},
		{"no column of IDs", "name,profile\njane,a", []string{"1: there is no column slack_id; call the columns slack_id, profile and, where it is needed, domain"}},
		{"no column of profiles", "slack_id,name\nU1A,a", []string{"1: there is no column profile"}},
		{"a column misspelt", "slack_id,profile,domains\nU1A,a,prod", []string{`1: there is no column "domains"; did you mean domain?`}},
		{"a column twice", "slack_id,profile,Slack_ID\nU1A,a,U1A", []string{"1: there are two columns slack_id"}},
		{"formulas", "=U1A,a\nU2B,@SUM(1)\nU3C,+a\nU4D,#N/A", []string{
			`1: "=U1A" is a spreadsheet's formula or error; export the value`, `2: "@SUM(1)" is a spreadsheet's formula or error; export the value`,
			`3: "+a" is a spreadsheet's formula or error; export the value`, `4: "#N/A" is a spreadsheet's formula or error; export the value`}},
		{"not UTF-8", "U1A,a\nU2B,j\xf6rg\nU3C,j\xf6rg", []string{"2: " + noText}},
		{"UTF-16", "\xff\xfeU\x001\x00", []string{"1: " + noText}},
		{"a zero byte in a field of two lines", "slack_id,profile,name\nU1A,a,\"x\ny\x00\"", []string{"3: " + noText}},
		{"lines of an old Mac", "U1A,a\rU2B,b\r", []string{"1: a line ends in a carriage return alone; save the file with LF or CRLF"}},
		{"a quote too many", "U1A,a\nU2B,\"b\"\"\nU3C,c", []string{"2: a quote is opened and not closed again (within 16384 bytes); what follows can't be read"}},
		{"quotes inside", "U1A,a \"b\"\nU2B,\"b\" c\nU3C,c.c", []string{"1: " + badQuotes, "2: " + badQuotes, `3: "c.c"` + noName + "; did you mean c-c?"}},
		{"a line too long", "U1A,a\nU2B," + strings.Repeat("b", 20_000) + "\nU3C,", []string{"2: is longer than 16384 bytes", "3: no user profile; write one, or deny"}},
		{"a field that never ends", "U1A,\"" + strings.Repeat("b\n", 20_000), []string{"1: a quote is opened and not closed again (within 16384 bytes); what follows can't be read"}},
		{"several at once", "slack_id;profile;domain\nU1A;a.b;\nx;y;z\n#;\n\n;;\nU1A;;prod", []string{
			`2: "a.b"` + noName + "; did you mean a-b?", `3: "x"` + likeThis, "7: no user profile; write one, or deny"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, warnings := checkCSV(c.text)
			if want := strings.Join(c.want, "\n"); got != want || warnings != "" {
				t.Errorf("got\n%s\nwant\n%s\nwarnings %s", got, want, warnings)
			}
		})
	}
}

func TestCheckCSVTakes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"slack_id,profile\n", "Slack_ID;Profile;Domain\r\n", "\ufeffslack_id,profile\nU1A,a", "U1A,jane", "\ufeffU1A,jane\r\nT1/U1A,joe\r\n",
		"U1A,deny\nU2B,DENY,prod", "# people\n\n  \t\n  # more, \"\nU1A , jane , prod \n,,\n", "U1A,jane,,,\nU2B,joe,prod,,",
		"name,domain,slack_id,profile\n\"Doe, Jane\",,U1A,jane\n\"says \"\"hi\"\"\nand leaves\",prod,U1A,joe\n=1+1,,U2B,ann\n",
		"\"U1A\";\"jane\";\"prod\"", "U1A,profile\nU2B,domain", "U1A,\"jane\",\r\n", "U1A, \"jane\"", "U1A,007", "U1A,true",
	} {
		if mistakes, warnings := checkCSV(text); mistakes+warnings != "" {
			t.Errorf("%q: %s %s", text, mistakes, warnings)
		}
	}
	for _, text := range []string{"", "\n\n", "# nobody\n", "\ufeff", ",,\n"} {
		if got, _ := checkCSV(text); got != " names nobody; write the header line slack_id,profile,domain alone if that is meant" {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestCheckCSVBounds(t *testing.T) {
	t.Parallel()
	var people []byte
	for i := range million + 1 {
		people = append(strconv.AppendInt(append(people, 'U'), int64(i), 10), ",p\n"...)
	}
	for _, c := range []struct {
		name  string
		data  []byte
		count int
		last  string
	}{
		{"1,500 mistakes", []byte(strings.Repeat("x,y\n", 1500)), 1001, "users.csv: 500 more mistakes"},
		{"256 MiB and a byte", make([]byte, 256<<20+1), 1, "users.csv: is larger than 256 MiB"},
		{"a million and one", people, 1, "users.csv:1000001: names more than 1000000 people"},
	} {
		mistakes, _ := mapping.Check("users.csv", c.data, configured())
		if len(mistakes) != c.count || mistakes[len(mistakes)-1].Error() != c.last {
			t.Errorf("%s: %d mistakes, the last %v; want %d, %s", c.name, len(mistakes), mistakes[max(len(mistakes)-1, 0):], c.count, c.last)
		}
	}
}

func TestCheckCSVWarns(t *testing.T) {
	t.Parallel()
	const share = "; they share its files and apps"
	for _, c := range []struct{ name, text, want string }{
		{"in all domains", "U1A,team\nU2B,Team", "users.csv:1: the user profile team belongs to U1A (line 1), U2B (line 2) in every domain" + share},
		{"in one by its own row", "U1A,x\nU2B,x,prod\nU2B,y", "users.csv:1: the user profile x belongs to U1A (line 1), U2B (line 2) in prod" + share},
		{"not where another row counts", "U1A,x,research\nU2B,x\nU2B,y,research", ""},
		{"different people in each", "U1A,x,research\nU2B,x,prod\nU3C,x", "users.csv:1: the user profile x belongs to U1A (line 1), U3C (line 3) in research" + share +
			"\nusers.csv:1: the user profile x belongs to U2B (line 2), U3C (line 3) in prod" + share},
		{"by many", "U1,x\nU2,x\nU3,x\nU4,x\nU5,x\nU6,x\nU7,x", "users.csv:1: the user profile x belongs to U1 (line 1), U2 (line 2), U3 (line 3), U4 (line 4), U5 (line 5) and 2 more in every domain" + share},
		{"a word like deny", "U1A,no", "users.csv:1: no is taken as the name of a user profile; to give none write deny"},
	} {
		if mistakes, got := checkCSV(c.text); mistakes != "" || got != c.want {
			t.Errorf("%s: %s\n%s\nwant\n%s", c.name, mistakes, got, c.want)
		}
	}
	var many strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&many, "U%d,p%d\n", i, i/2)
	}
	_, got := mapping.Check("users.csv", []byte(many.String()), configured())
	if len(got) != 1001 || got[1000] != "users.csv: more may deserve a second look; mend these first" {
		t.Errorf("%d warnings, the last %s", len(got), got[len(got)-1])
	}
}

// Whatever a file holds, it is read or refused with lines that exist.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"", "slack_id,profile,domain\nU1A,jane,prod\n", "U1A;deny\r\nT1/U1A;joe;research\r\n", "\ufeff\"U1A\",\"j\"\"\",", "#x\n\n,,\nU1A",
		"name,slack_id,profile\n\"a\nb\",U1A,a\n\"", "U1A,a\nU1A,b\nU1A,=c,*", "U1A\t,\u00a0jane\u2028", "\xff\xfe", "U1A,a\rU2B,b", "domain,slack_id\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		mistakes, warnings := mapping.Check("users.csv", data, configured())
		if len(mistakes) > 0 && len(warnings) > 0 {
			t.Errorf("refused, and yet %q", warnings)
		}
		lines := 1 + strings.Count(string(data), "\n")
		for _, m := range mistakes {
			if m.Line < 0 || m.Line > lines || m.Problem == "" || len(m.Problem) > 2000 {
				t.Errorf("%d lines: %+v", lines, m)
			}
		}
		links, same := mapping.ParseLinks("users.csv", data, configured())
		if len(same) != len(mistakes) || len(links) > lines {
			t.Errorf("%d links of %d lines, %v and %v", len(links), lines, same, mistakes)
		}
		for _, l := range links {
			if err := mapping.CheckLink(l, configured()); err != nil {
				t.Errorf("%+v: %v", l, err)
			}
		}
	})
}
