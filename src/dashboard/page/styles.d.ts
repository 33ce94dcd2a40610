/** Style sheets are put into the page by the build; importing one gives nothing. */
declare module '*.css' {}
