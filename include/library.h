/* Outside libraries name themselves for `bordertap version`. */
#ifndef BORDERTAP_LIBRARY_H
#define BORDERTAP_LIBRARY_H

typedef void library_visit(void *context, const char *name, const char *version);

#endif
