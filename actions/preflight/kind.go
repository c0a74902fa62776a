package preflight

// Kind is what a start would do.
type Kind string

// The kinds of verdicts.
const (
	JoinIST       Kind = "JOIN BY IST"
	JoinSST       Kind = "JOIN BY SST"
	Join          Kind = "JOIN"
	Bootstrap     Kind = "BOOTSTRAP"
	SecondCluster Kind = "BOOTSTRAP A SECOND CLUSTER"
	LosesWrites   Kind = "BOOTSTRAP WITHOUT THE NEWEST DATA"
	WithoutGalera Kind = "START WITHOUT GALERA"
	Refused       Kind = "REFUSED BY GALERA"
	Waits         Kind = "WAITS FOR EVER"
	Fails         Kind = "FAILS TO START"
	Unknown       Kind = "UNKNOWN"
)

// Code is the exit code of a verdict, by what somebody has to do about it.
type Code int

// The exit codes. 2 is for a wrong command line.
const (
	CodeSafe    Code = 0
	CodeConsent Code = 1
	CodeUnknown Code = 3
	CodeDown    Code = 4
	CodeHarm    Code = 5
)

// Kinds are all verdicts, with their usual exit code and their meaning.
var Kinds = []struct {
	Kind    Kind
	Code    Code
	Meaning string
}{
	{JoinIST, CodeSafe, "the node joins the running group and gets only the write-sets that it lacks"},
	{JoinSST, CodeConsent, "the node joins the running group, and all of its data is replaced by a donor's copy; safe with --accept-sst if the copy fits"},
	{Join, CodeUnknown, "a member listens, so the node joins, but whether by IST or by SST could not be found out; safe with --accept-sst"},
	{Bootstrap, CodeSafe, "the node founds the cluster anew, legitimately: nobody else is alive and it left last; 1 unless --bootstrap asks for it, since an option file that founds will do so again"},
	{SecondCluster, CodeHarm, "the node founds a cluster of its own beside the one that exists; both take writes, which can never be merged"},
	{LosesWrites, CodeHarm, "the node founds the cluster anew from data that another node has in a newer state"},
	{WithoutGalera, CodeHarm, "the server starts as a single one and takes writes that no other node gets"},
	{Refused, CodeDown, "the server starts, and Galera ends it with the reason that is given"},
	{Waits, CodeDown, "the server waits for members that do not come, with its SQL port closed"},
	{Fails, CodeDown, "the server does not come up"},
	{Unknown, CodeUnknown, "what would happen depends on something that could not be asked"},
}

func codeOf(kind Kind) Code {
	for _, k := range Kinds {
		if k.Kind == kind {
			return k.Code
		}
	}
	return CodeUnknown
}

// Codes are the exit codes with their meanings, in order.
var Codes = []struct {
	Code    Code
	Meaning string
}{
	{CodeSafe, "safe: start it"},
	{CodeConsent, "it would come up, at a price that somebody has to agree to"},
	{2, "the command line is wrong; nothing was looked at"},
	{CodeUnknown, "not known: something that matters could not be asked"},
	{CodeDown, "it would not come up; nothing else is harmed"},
	{CodeHarm, "do not start it: data would be split or lost"},
}
