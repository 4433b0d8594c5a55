/* XML-RPC on xmlrpc-c's Abyss, for a comparison: one method, math.multiply. It prints its port when
 * it is ready, and ends when its standard input does. Keep-alive and the number of connections are
 * set so that they limit nothing that is measured. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xmlrpc-c/base.h>
#include <xmlrpc-c/server.h>
#include <xmlrpc-c/server_abyss.h>

static xmlrpc_value *multiply(xmlrpc_env *env, xmlrpc_value *params, void *info, void *call) {
	xmlrpc_int x, y;
	(void)info;
	(void)call;
	xmlrpc_decompose_value(env, params, "(ii)", &x, &y);
	return env->fault_occurred ? NULL : xmlrpc_build_value(env, "i", x * y);
}

static void *end_with_stdin(void *unused) {
	char line[64];
	while (fgets(line, sizeof line, stdin)) {
	}
	exit(0);
	return unused;
}

/* loopback listens on a port that the kernel chooses. */
static int loopback(void) {
	struct sockaddr_in address;
	socklen_t size = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	memset(&address, 0, sizeof address);
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 128) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
		perror("abyss");
		exit(1);
	}
	printf("127.0.0.1:%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return listener;
}

int main(void) {
	struct xmlrpc_method_info3 method = {"math.multiply", &multiply, NULL, 0, NULL, NULL};
	xmlrpc_server_abyss_parms parameters;
	pthread_t watcher;
	xmlrpc_env env;

	memset(&parameters, 0, sizeof parameters);
	xmlrpc_env_init(&env);
	parameters.registryP = xmlrpc_registry_new(&env);
	xmlrpc_registry_add_method3(&env, parameters.registryP, &method);
	parameters.config_file_name = NULL;
	parameters.socket_bound = 1;
	parameters.socket_handle = loopback();
	parameters.keepalive_timeout = 60;
	parameters.keepalive_max_conn = 1000000000;
	parameters.max_conn = 256;
	parameters.max_conn_backlog = 128;
	pthread_create(&watcher, NULL, end_with_stdin, NULL);
	xmlrpc_server_abyss(&env, &parameters, XMLRPC_APSIZE(max_conn_backlog));
	fprintf(stderr, "abyss: %s\n", env.fault_string);
	return 1;
}
