package ticket

import "strings"

// Status is what a user is given to see his own ticket, without a log-in.
// Both are derived from the key file, the ticket's number and a random number
// of its own, so that mails and receipts can say them again, although the
// database holds only the secret's hash. Neither is ever in the event log.
type Status struct {
	// Secret names the ticket's status page, 128 bits in lower-case base32.
	// Whoever has it sees the ticket and may end it, but never gets its file.
	Secret string
	// Words are two words that the technician says when calling, so that the
	// user knows a call for one of us. They let nobody in.
	Words string
}

// Link is the address of the status page below the pages' public address.
func (s Status) Link(publicURL string) string {
	return strings.TrimRight(publicURL, "/") + "/t/" + s.Secret
}

// CheckWords are the two words that two bytes stand for, 14 bits of them.
func CheckWords(a, b byte) string {
	return words[int(a)%len(words)] + " " + words[int(b)%len(words)]
}

// checkWords are 128 words that English and German write alike and know both,
// for user and technician may read their pages in different languages.
const checkWords = `
	alarm album apollo arena aroma atlas atom aurora bambi banjo baron bikini bingo bronze bungalow butter
	cello chaos cockpit comic container cowboy curry delta diesel domino drama echo export film finger flamingo
	forum garage gong gorilla hamster hobby hotel humor husky jaguar jazz jeans jockey joker judo karate
	karma ketchup kilo kimono kiosk kiwi koala laser lava lotus magnet mango marathon mentor meteor minute
	monitor monster moped motor museum mustang neon ninja nougat oboe omega opal orange orbit origami panda
	panorama papaya partner pasta patent piano pilot pizza planet polo pony poster pudding puma puzzle quiz
	radar radio ravioli risotto rodeo rose rugby rumba safari salami samba sandwich satin sauna scooter signal
	silo sofa sombrero sonar studio sushi symbol taiga tango taxi tempo tennis tiger tornado tunnel zebra`

var words = strings.Fields(checkWords)
