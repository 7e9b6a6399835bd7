package sagemakersim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/studiobot/studiobot/internal/sagemakersim"
)

const (
	launchRole = "arn:aws:iam::111122223333:role/team/studiobot-launch"
	trustAll   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/studiobot"},
		"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]}`
)

func stsClient(s *sagemakersim.Server, creds aws.CredentialsProvider) *sts.Client {
	if creds == nil {
		creds = credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")
	}
	return sts.New(sts.Options{Region: "us-west-2", BaseEndpoint: aws.String(s.URL()), RetryMaxAttempts: 1, Credentials: creds})
}

func withRole(t testing.TB, r sagemakersim.Role) *sagemakersim.Server {
	t.Helper()
	if r.ARN == "" {
		r.ARN = launchRole
	}
	if r.Trust == "" {
		r.Trust = trustAll
	}
	return start(t, sagemakersim.Options{Roles: []sagemakersim.Role{r}})
}

// janes is a request that is fine.
func janes() *sts.AssumeRoleInput {
	return &sts.AssumeRoleInput{
		RoleArn: aws.String(launchRole), RoleSessionName: aws.String("jane@U0JANE"), SourceIdentity: aws.String("T0.U0JANE"), DurationSeconds: aws.Int32(900),
		Tags: []types.Tag{{Key: aws.String("user"), Value: aws.String("U0JANE")}, {Key: aws.String("b"), Value: aws.String("")}},
	}
}

func assume(t testing.TB, s *sagemakersim.Server, in *sts.AssumeRoleInput) aws.CredentialsProvider {
	t.Helper()
	out, err := stsClient(s, nil).AssumeRole(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	k := out.Credentials
	return credentials.NewStaticCredentialsProvider(*k.AccessKeyId, *k.SecretAccessKey, *k.SessionToken)
}

func presigns(t testing.TB, s *sagemakersim.Server, creds aws.CredentialsProvider, profile string) error {
	t.Helper()
	o := sdk(s).Options()
	o.Credentials = creds
	_, err := api.New(o).CreatePresignedDomainUrl(t.Context(), &api.CreatePresignedDomainUrlInput{DomainId: aws.String(domainID), UserProfileName: aws.String(profile)})
	return err
}

func TestAssumeRole(t *testing.T) {
	t.Parallel()
	s := withRole(t, sagemakersim.Role{})
	out, err := stsClient(s, nil).AssumeRole(t.Context(), janes())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *out.AssumedRoleUser.Arn, "arn:aws:sts::111122223333:assumed-role/studiobot-launch/jane@U0JANE"; got != want {
		t.Errorf("the session is %s, want %s", got, want)
	}
	if left := time.Until(*out.Credentials.Expiration); left > 15*time.Minute || left < 14*time.Minute {
		t.Errorf("it ends in %v", left)
	}
	k := out.Credentials
	creds := credentials.NewStaticCredentialsProvider(*k.AccessKeyId, *k.SecretAccessKey, *k.SessionToken)
	who, err := stsClient(s, creds).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *who.Arn != *out.AssumedRoleUser.Arn || *who.Account != "111122223333" {
		t.Errorf("the caller is %+v, %v", who, err)
	}
	if err := presigns(t, s, creds, "Jane-Doe"); err != nil {
		t.Error(err)
	}
	calls := s.Calls()
	want := sagemakersim.Identity{Role: launchRole, Session: "jane@U0JANE", SourceIdentity: "T0.U0JANE", Tags: "b=,user=U0JANE"}
	if got := calls[len(calls)-1]; got.By != want || got.Operation != "CreatePresignedDomainUrl" {
		t.Errorf("the launch is recorded as %+v", got)
	}
	if got := calls[0].Assumed; got.Identity != want || got.Duration != 15*time.Minute {
		t.Errorf("the question is recorded as %+v", got)
	}
}

// What STS documents is enforced, one thing at a time.
func TestAssumeRoleRefused(t *testing.T) {
	t.Parallel()
	const denied, invalid = "AccessDenied", "ValidationError"
	tag := func(key, value string) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) {
			in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
		}
	}
	for name, test := range map[string]struct {
		change func(*sts.AssumeRoleInput)
		code   string
	}{
		"a long name":         {func(in *sts.AssumeRoleInput) { in.RoleSessionName = aws.String(strings.Repeat("n", 65)) }, invalid},
		"a short name":        {func(in *sts.AssumeRoleInput) { in.RoleSessionName = aws.String("n") }, invalid},
		"a slash in the name": {func(in *sts.AssumeRoleInput) { in.RoleSessionName = aws.String("a/b") }, invalid},
		"a space in the name": {func(in *sts.AssumeRoleInput) { in.RoleSessionName = aws.String("John Doe") }, invalid},
		"a long identity":     {func(in *sts.AssumeRoleInput) { in.SourceIdentity = aws.String(strings.Repeat("n", 65)) }, invalid},
		"a bad identity":      {func(in *sts.AssumeRoleInput) { in.SourceIdentity = aws.String("aws:x") }, invalid},
		"too short":           {func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(899) }, invalid},
		"too long":            {func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(43201) }, invalid},
		"chained, too long":   {func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(3601) }, invalid},
		"51 tags": {func(in *sts.AssumeRoleInput) {
			for i := range 50 {
				tag(fmt.Sprint(i), "")(in)
			}
		}, invalid},
		"a long key":     {tag(strings.Repeat("k", 129), ""), invalid},
		"a long value":   {tag("k", strings.Repeat("v", 257)), invalid},
		"a bad value":    {tag("k", "a*b"), invalid},
		"a system tag":   {tag("aws:k", "v"), invalid},
		"a key twice":    {tag("USER", "v"), "InvalidParameterValue"},
		"a bad policy":   {func(in *sts.AssumeRoleInput) { in.Policy = aws.String("{}") }, "MalformedPolicyDocument"},
		"a long policy":  {func(in *sts.AssumeRoleInput) { in.Policy = aws.String(strings.Repeat(" ", 2049)) }, invalid},
		"no such role":   {func(in *sts.AssumeRoleInput) { in.RoleArn = aws.String(launchRole + "x") }, denied},
		"an other trust": {func(in *sts.AssumeRoleInput) { in.RoleArn = aws.String("arn:aws:iam::111122223333:role/theirs") }, denied},
		"no tagging":     {func(in *sts.AssumeRoleInput) { in.RoleArn = aws.String("arn:aws:iam::111122223333:role/plain") }, denied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withRole(t, sagemakersim.Role{MaxSession: 12 * time.Hour})
			for arn, trust := range map[string]string{
				"theirs": strings.ReplaceAll(trustAll, "role/studiobot", "role/another"), "plain": strings.ReplaceAll(trustAll, `,"sts:TagSession"`, ""),
			} {
				if err := s.SetRole(sagemakersim.Role{ARN: "arn:aws:iam::111122223333:role/" + arn, Trust: trust}); err != nil {
					t.Fatal(err)
				}
			}
			in := janes()
			test.change(in)
			if _, err := stsClient(s, nil).AssumeRole(t.Context(), in); code(err) != test.code {
				t.Errorf("got %v, want %s", err, test.code)
			}
		})
	}
}

// Credentials are good for what and as long as they were issued, and for whoever
// has all of them.
func TestIssuedCredentials(t *testing.T) {
	t.Parallel()
	s := withRole(t, sagemakersim.Role{})
	in := janes()
	in.Policy = aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sagemaker:CreatePresigned*",
		"Resource":"arn:aws:sagemaker:*:111122223333:user-profile/` + domainID + `/jane-doe"}]}`)
	creds := assume(t, s, in)
	if err := presigns(t, s, creds, "JANE-DOE"); err != nil {
		t.Errorf("what the policy allows: %v", err)
	}
	if err := presigns(t, s, creds, "pending"); code(err) != "AccessDeniedException" {
		t.Errorf("another profile: %v", err)
	}
	k, err := creds.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for what, forged := range map[string]aws.CredentialsProvider{
		"InvalidSignatureException": credentials.NewStaticCredentialsProvider(k.AccessKeyID, "secret", k.SessionToken),
		// Without its token a session's key is nobody's.
		"UnrecognizedClientException": credentials.NewStaticCredentialsProvider("ASIAFORGED", k.SecretAccessKey, k.SessionToken),
	} {
		if err := presigns(t, s, forged, "Jane-Doe"); code(err) != what {
			t.Errorf("forged: %v, want %s", err, what)
		}
	}
	s.Pass(15 * time.Minute)
	if err := presigns(t, s, creds, "Jane-Doe"); code(err) != "ExpiredTokenException" {
		t.Errorf("after its end: %v", err)
	}
	fresh := assume(t, s, janes())
	s.Revoke()
	if err := presigns(t, s, fresh, "Jane-Doe"); code(err) != "AccessDeniedException" {
		t.Errorf("revoked: %v", err)
	}
}

// Who isn't of an account doesn't see its domains, and sees its own account in ARNs.
func TestAccounts(t *testing.T) {
	t.Parallel()
	const theirs = "arn:aws:iam::444455556666:role/launch"
	s := start(t, sagemakersim.Options{
		Domains: []sagemakersim.Domain{{ID: domainID, Account: "444455556666", Profiles: []sagemakersim.Profile{{Name: "Jane-Doe"}}}},
		Roles:   []sagemakersim.Role{{ARN: theirs, Trust: trustAll}},
	})
	look := func(creds aws.CredentialsProvider) (string, error) {
		o := sdk(s).Options()
		o.Credentials = creds
		out, err := api.New(o).DescribeDomain(t.Context(), &api.DescribeDomainInput{DomainId: aws.String(domainID)})
		if err != nil {
			return "", err
		}
		return *out.DomainArn, nil
	}
	if _, err := look(sdk(s).Options().Credentials); code(err) != "ResourceNotFound" {
		t.Errorf("from another account: %v", err)
	}
	in := janes()
	in.RoleArn = aws.String(theirs)
	if arn, err := look(assume(t, s, in)); err != nil || arn != "arn:aws:sagemaker:us-west-2:444455556666:domain/"+domainID {
		t.Errorf("from its own: %s, %v", arn, err)
	}
}

// The SDK's own mending of clocks works against the simulator's.
func TestClocks(t *testing.T) {
	t.Parallel()
	s := withRole(t, sagemakersim.Role{})
	s.SetClock(time.Hour)
	if _, err := stsClient(s, nil).AssumeRole(t.Context(), janes()); err == nil {
		t.Error("a clock that is an hour off was taken")
	}
	patient := sts.New(sts.Options{Region: "us-west-2", BaseEndpoint: aws.String(s.URL()), Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")})
	if _, err := patient.AssumeRole(t.Context(), janes()); err != nil {
		t.Errorf("with its retries: %v", err)
	}
}

func TestRolesAreRead(t *testing.T) {
	t.Parallel()
	for what, r := range map[string]sagemakersim.Role{
		"an ARN of something else": {ARN: "arn:aws:iam::111122223333:user/x", Trust: trustAll},
		"no trust policy":          {ARN: launchRole},
		"an unknown key":           {ARN: launchRole, Trust: strings.Replace(trustAll, "Effect", "Affect", 1)},
		"an unknown condition":     {ARN: launchRole, Trust: strings.Replace(trustAll, `"Action"`, `"Condition":{"IpAddress":{}},"Action"`, 1)},
	} {
		if s, err := sagemakersim.Start(sagemakersim.Options{Roles: []sagemakersim.Role{r}}); err == nil {
			s.Close()
			t.Errorf("%s was taken", what)
		}
	}
}
