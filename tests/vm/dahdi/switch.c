/*
 * A switch of a few lines on top of DAHDI, for the guest: what comes in on a trunk is put through to a telephone.
 *
 *     switch CALLS SECONDS
 *
 * Channels 1 and 2 are trunks (FXO modules), 3 and 4 telephones (FXS modules); trunk n belongs to telephone n + 2. A
 * ringing trunk is answered and its telephone rung; when that is lifted, octets are copied between both, until it is put
 * down. Every event is printed. Ends well after so many calls, badly after so many seconds.
 *
 * Octets are copied as they are, so what the ends hear is what the driver carried.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <dahdi/user.h>

/* A conversation begins with so much silence in each direction, so that a late copy leaves no gap. */
enum { PAIRS = 2, CHANNELS = 4, BLOCK = 160, BUFFERS = 16, AHEAD = 5 * BLOCK };

struct channel {
	int number;
	int fd;
	int talking;
};

static struct channel channels[CHANNELS];
static int finished;

static void die(const char *what)
{
	printf("switch: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void hook(struct channel *c, int state)
{
	if (ioctl(c->fd, DAHDI_HOOK, &state) && errno != EINPROGRESS)
		die("DAHDI_HOOK");
}

static void configure(void)
{
	int control = open("/dev/dahdi/ctl", O_RDWR);
	if (control < 0)
		die("/dev/dahdi/ctl");
	for (int i = 0; i < CHANNELS; i++) {
		struct dahdi_chanconfig config = {
			.chan = i + 1,
			/* The signalling is named after the far end: a trunk module speaks to an FXS. */
			.sigtype = i < PAIRS ? DAHDI_SIG_FXSKS : DAHDI_SIG_FXOKS,
		};
		if (ioctl(control, DAHDI_CHANCONFIG, &config))
			die("DAHDI_CHANCONFIG");
	}
	int span = 1;
	if (ioctl(control, DAHDI_STARTUP, &span))
		die("DAHDI_STARTUP");
	/* A zone without tones: DAHDI rings by the cadence of one, and refuses to without. */
	struct dahdi_tone_def_header zone = { .ringcadence = { 1000, 4000 }, .name = "switch" };
	if (ioctl(control, DAHDI_LOADZONE, &zone))
		die("DAHDI_LOADZONE");
	int number = zone.zone;
	if (ioctl(control, DAHDI_DEFAULTZONE, &number))
		die("DAHDI_DEFAULTZONE");
	close(control);
}

static void open_channel(int i)
{
	struct channel *c = &channels[i];
	c->number = i + 1;
	c->fd = open("/dev/dahdi/channel", O_RDWR | O_NONBLOCK);
	if (c->fd < 0)
		die("/dev/dahdi/channel");
	if (ioctl(c->fd, DAHDI_SPECIFY, &c->number))
		die("DAHDI_SPECIFY");
	int zone = 0;
	if (ioctl(c->fd, DAHDI_SETTONEZONE, &zone))
		die("DAHDI_SETTONEZONE");
	struct dahdi_bufferinfo buffers = {
		.txbufpolicy = DAHDI_POLICY_IMMEDIATE,
		.rxbufpolicy = DAHDI_POLICY_IMMEDIATE,
		.numbufs = BUFFERS,
		.bufsize = BLOCK,
	};
	if (ioctl(c->fd, DAHDI_SET_BUFINFO, &buffers))
		die("DAHDI_SET_BUFINFO");
}

static struct channel *partner(struct channel *c)
{
	int i = c - channels;
	return &channels[(i + PAIRS) % CHANNELS];
}

static void begin(struct channel *c)
{
	unsigned char silence[AHEAD];
	int what = DAHDI_FLUSH_READ | DAHDI_FLUSH_WRITE;
	ioctl(c->fd, DAHDI_FLUSH, &what);
	memset(silence, 0xff, sizeof silence);
	for (int at = 0; at < AHEAD; at += BLOCK)
		if (write(c->fd, silence + at, BLOCK) != BLOCK)
			printf("switch: channel %d took no silence\n", c->number);
}

static void connect_pair(struct channel *phone, int talking)
{
	struct channel *trunk = partner(phone);
	if (talking) {
		begin(phone);
		begin(trunk);
	}
	phone->talking = trunk->talking = talking;
}

static void event(struct channel *c)
{
	int what = 0;
	if (ioctl(c->fd, DAHDI_GETEVENT, &what))
		die("DAHDI_GETEVENT");
	if (what == DAHDI_EVENT_NONE)
		return;
	int is_trunk = c->number <= PAIRS;
	printf("switch: channel %d event %d\n", c->number, what);
	if (is_trunk && what == DAHDI_EVENT_RINGOFFHOOK && !c->talking) {
		printf("switch: trunk %d is ringing and answered\n", c->number);
		hook(c, DAHDI_OFFHOOK);
		hook(partner(c), DAHDI_RING);
	} else if (!is_trunk && what == DAHDI_EVENT_RINGOFFHOOK) {
		printf("switch: telephone %d is lifted\n", c->number);
		hook(c, DAHDI_OFFHOOK);
		connect_pair(c, 1);
	} else if (!is_trunk && what == DAHDI_EVENT_ONHOOK) {
		printf("switch: telephone %d is put down\n", c->number);
		if (c->talking)
			finished++;
		connect_pair(c, 0);
		hook(c, DAHDI_ONHOOK);
		hook(partner(c), DAHDI_ONHOOK);
	}
	fflush(stdout);
}

/* Takes what came in, and gives it to the partner in a conversation. */
static void copy(struct channel *c)
{
	unsigned char block[BLOCK];
	ssize_t got = read(c->fd, block, sizeof block);
	if (got < 0 && errno == ELAST)
		return; /* an event is waiting first */
	if (got <= 0 || !c->talking)
		return;
	ssize_t put = write(partner(c)->fd, block, got);
	if (put != got)
		printf("switch: channel %d took %zd of %zd octets\n", partner(c)->number, put, got);
}

/* The card's interrupts take all of processor 0, time being as slow as it is; copying goes on beside them. */
static void step_aside(void)
{
	cpu_set_t other;
	CPU_ZERO(&other);
	CPU_SET(1, &other);
	struct sched_param first = { .sched_priority = 10 };
	if (sched_setaffinity(0, sizeof other, &other) || sched_setscheduler(0, SCHED_FIFO, &first))
		die("processor 1");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	int calls = atoi(argv[1]);
	time_t end = time(NULL) + atoi(argv[2]);
	step_aside();
	configure();
	for (int i = 0; i < CHANNELS; i++)
		open_channel(i);
	printf("switch: ready\n");
	fflush(stdout);
	while (finished < calls) {
		struct pollfd ready[CHANNELS];
		for (int i = 0; i < CHANNELS; i++)
			ready[i] = (struct pollfd){ .fd = channels[i].fd, .events = POLLIN | POLLPRI };
		if (poll(ready, CHANNELS, 1000) < 0)
			die("poll");
		for (int i = 0; i < CHANNELS; i++) {
			if (ready[i].revents & POLLPRI)
				event(&channels[i]);
			if (ready[i].revents & POLLIN)
				copy(&channels[i]);
		}
		if (time(NULL) > end) {
			printf("switch: %d of %d calls in time\n", finished, calls);
			return 1;
		}
	}
	printf("switch: %d calls\n", finished);
	sleep(3); /* let the far ends see that everything is on hook */
	return 0;
}
