/*
 * Reads invitations with FreeRDP and tells what it made of each. It needs no
 * more of the library than versions 2 and 3 have in common: start and length
 * are told by its own description of a file only, so that is what is passed on.
 *
 * On standard input one line for each file, "PASSWORD PATH\n", the password in
 * hex. On standard output, for each: the lines of FreeRDP's description, quoted
 * as Go quotes strings, and "end STATUS", where a positive status means that
 * FreeRDP would connect with it. A file that crashes FreeRDP ends only itself:
 * its line is "died SIGNAL".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include <winpr/wlog.h>
#include <freerdp/version.h>
#include <freerdp/assistance.h>

enum
{
	MAX_FILE = 128 << 10,
	MAX_LINE = 8192,
	SECONDS = 20
};

static BOOL pass_on(const wLogMessage* message)
{
	putchar('"');
	for (const char* c = message->TextString; *c; c++)
	{
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
			printf("\\x%02x", (unsigned char)*c);
		else
			putchar(*c);
	}
	puts("\"");
	return TRUE;
}

static wLog* description(void)
{
	static wLogCallbacks callbacks;
	wLog* log = WLog_Get("peers");
	callbacks.message = pass_on;
	if (!WLog_SetLogAppenderType(log, WLOG_APPENDER_CALLBACK) || !WLog_SetLogLevel(log, WLOG_INFO) ||
	    !WLog_ConfigureAppender(WLog_GetLogAppender(log), "callbacks", &callbacks) ||
	    !WLog_OpenAppender(log))
		return NULL;
	return log;
}

/* Returns whether path could be read whole; what follows it in the buffer is 0. */
static BOOL load(const char* path, char* buffer, size_t* size)
{
	FILE* file = fopen(path, "rb");
	if (!file)
		return FALSE;
	*size = fread(buffer, 1, MAX_FILE - 1, file);
	fclose(file);
	memset(buffer + *size, 0, MAX_FILE - *size);
	return *size < MAX_FILE - 1;
}

static int examine(const char* path, const char* password, wLog* log)
{
	size_t size = 0;
	char* buffer = malloc(MAX_FILE);
	rdpAssistanceFile* file = freerdp_assistance_file_new();
	if (!buffer || !file || !load(path, buffer, &size))
		return 3;
	int status = freerdp_assistance_parse_file_buffer(file, buffer, size + 1, password);
	freerdp_assistance_print_file(file, log, WLOG_INFO);
	printf("end %d\n", status);
	return fflush(stdout) ? 3 : 0;
}

/* Reads the hex in place. */
static void from_hex(char* text)
{
	char* out = text;
	unsigned byte = 0;
	for (; sscanf(text, "%2x", &byte) == 1; text += 2)
		*out++ = (char)byte;
	*out = 0;
}

int main(void)
{
	static char line[MAX_LINE];
	wLog* log = description();
	rdpAssistanceFile* first = freerdp_assistance_file_new(); /* what is loaded once is loaded before the forks */
	if (!log || !first)
		return 2;
	WLog_SetLogLevel(WLog_GetRoot(), WLOG_OFF);
	freerdp_assistance_file_free(first);
	printf("FreeRDP %s\n", FREERDP_VERSION_FULL);
	while (fgets(line, sizeof(line), stdin))
	{
		char* path = strchr(line, ' ');
		if (!path)
			return 2;
		*path++ = 0;
		path[strcspn(path, "\n")] = 0;
		from_hex(line);
		fflush(stdout);
		pid_t child = fork();
		if (child == 0)
		{
			alarm(SECONDS);
			_exit(examine(path, line, log));
		}
		int how = 0;
		if (child < 0 || waitpid(child, &how, 0) != child || (WIFEXITED(how) && WEXITSTATUS(how) != 0))
			return 2;
		if (WIFSIGNALED(how))
			printf("died %d\n", WTERMSIG(how));
	}
	return 0;
}
