/* Reads one invitation with FreeRDP's own parser and prints what it found, so
 * that a reader that knows nothing of ours can disagree with ours. */
#include <freerdp/assistance.h>

int main(int argc, char** argv)
{
	wLog* log;
	rdpAssistanceFile* f = freerdp_assistance_file_new();

	if (argc != 3 || !f || freerdp_assistance_parse_file(f, argv[1], argv[2]) < 0)
		return 1;
	log = WLog_Get("read");
	WLog_SetLogLevel(log, WLOG_INFO);
	freerdp_assistance_print_file(f, log, WLOG_INFO);
	freerdp_assistance_file_free(f);
	return 0;
}
