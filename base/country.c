/*
 * ISO 3166-1 alpha-2, all 249 assigned codes, and XK, which databases use for Kosovo. Sorted by code.
 */
#include "country.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

static const struct {
    struct country country;
    const char *name;
} countries[] = {
    {{"AD"}, "Andorra"},
    {{"AE"}, "United Arab Emirates"},
    {{"AF"}, "Afghanistan"},
    {{"AG"}, "Antigua and Barbuda"},
    {{"AI"}, "Anguilla"},
    {{"AL"}, "Albania"},
    {{"AM"}, "Armenia"},
    {{"AO"}, "Angola"},
    {{"AQ"}, "Antarctica"},
    {{"AR"}, "Argentina"},
    {{"AS"}, "American Samoa"},
    {{"AT"}, "Austria"},
    {{"AU"}, "Australia"},
    {{"AW"}, "Aruba"},
    {{"AX"}, "Åland Islands"},
    {{"AZ"}, "Azerbaijan"},
    {{"BA"}, "Bosnia and Herzegovina"},
    {{"BB"}, "Barbados"},
    {{"BD"}, "Bangladesh"},
    {{"BE"}, "Belgium"},
    {{"BF"}, "Burkina Faso"},
    {{"BG"}, "Bulgaria"},
    {{"BH"}, "Bahrain"},
    {{"BI"}, "Burundi"},
    {{"BJ"}, "Benin"},
    {{"BL"}, "Saint Barthélemy"},
    {{"BM"}, "Bermuda"},
    {{"BN"}, "Brunei"},
    {{"BO"}, "Bolivia"},
    {{"BQ"}, "Caribbean NL"},
    {{"BR"}, "Brazil"},
    {{"BS"}, "Bahamas"},
    {{"BT"}, "Bhutan"},
    {{"BV"}, "Bouvet Island"},
    {{"BW"}, "Botswana"},
    {{"BY"}, "Belarus"},
    {{"BZ"}, "Belize"},
    {{"CA"}, "Canada"},
    {{"CC"}, "Cocos (Keeling) Islands"},
    {{"CD"}, "DR Congo"},
    {{"CF"}, "Central African Rep."},
    {{"CG"}, "Congo"},
    {{"CH"}, "Switzerland"},
    {{"CI"}, "Côte d'Ivoire"},
    {{"CK"}, "Cook Islands"},
    {{"CL"}, "Chile"},
    {{"CM"}, "Cameroon"},
    {{"CN"}, "China"},
    {{"CO"}, "Colombia"},
    {{"CR"}, "Costa Rica"},
    {{"CU"}, "Cuba"},
    {{"CV"}, "Cape Verde"},
    {{"CW"}, "Curaçao"},
    {{"CX"}, "Christmas Island"},
    {{"CY"}, "Cyprus"},
    {{"CZ"}, "Czech Republic"},
    {{"DE"}, "Germany"},
    {{"DJ"}, "Djibouti"},
    {{"DK"}, "Denmark"},
    {{"DM"}, "Dominica"},
    {{"DO"}, "Dominican Republic"},
    {{"DZ"}, "Algeria"},
    {{"EC"}, "Ecuador"},
    {{"EE"}, "Estonia"},
    {{"EG"}, "Egypt"},
    {{"EH"}, "Western Sahara"},
    {{"ER"}, "Eritrea"},
    {{"ES"}, "Spain"},
    {{"ET"}, "Ethiopia"},
    {{"FI"}, "Finland"},
    {{"FJ"}, "Fiji"},
    {{"FK"}, "Falkland Islands"},
    {{"FM"}, "Micronesia"},
    {{"FO"}, "Faroe Islands"},
    {{"FR"}, "France"},
    {{"GA"}, "Gabon"},
    {{"GB"}, "United Kingdom"},
    {{"GD"}, "Grenada"},
    {{"GE"}, "Georgia"},
    {{"GF"}, "French Guiana"},
    {{"GG"}, "Guernsey"},
    {{"GH"}, "Ghana"},
    {{"GI"}, "Gibraltar"},
    {{"GL"}, "Greenland"},
    {{"GM"}, "Gambia"},
    {{"GN"}, "Guinea"},
    {{"GP"}, "Guadeloupe"},
    {{"GQ"}, "Equatorial Guinea"},
    {{"GR"}, "Greece"},
    {{"GS"}, "South Georgia and the South Sandwich Islands"},
    {{"GT"}, "Guatemala"},
    {{"GU"}, "Guam"},
    {{"GW"}, "Guinea-Bissau"},
    {{"GY"}, "Guyana"},
    {{"HK"}, "Hong Kong"},
    {{"HM"}, "Heard and McDonald Islands"},
    {{"HN"}, "Honduras"},
    {{"HR"}, "Croatia"},
    {{"HT"}, "Haiti"},
    {{"HU"}, "Hungary"},
    {{"ID"}, "Indonesia"},
    {{"IE"}, "Ireland"},
    {{"IL"}, "Israel"},
    {{"IM"}, "Isle of Man"},
    {{"IN"}, "India"},
    {{"IO"}, "British Indian Ocean Territory"},
    {{"IQ"}, "Iraq"},
    {{"IR"}, "Iran"},
    {{"IS"}, "Iceland"},
    {{"IT"}, "Italy"},
    {{"JE"}, "Jersey"},
    {{"JM"}, "Jamaica"},
    {{"JO"}, "Jordan"},
    {{"JP"}, "Japan"},
    {{"KE"}, "Kenya"},
    {{"KG"}, "Kyrgyzstan"},
    {{"KH"}, "Cambodia"},
    {{"KI"}, "Kiribati"},
    {{"KM"}, "Comoros"},
    {{"KN"}, "Saint Kitts and Nevis"},
    {{"KP"}, "North Korea"},
    {{"KR"}, "South Korea"},
    {{"KW"}, "Kuwait"},
    {{"KY"}, "Cayman Islands"},
    {{"KZ"}, "Kazakhstan"},
    {{"LA"}, "Laos"},
    {{"LB"}, "Lebanon"},
    {{"LC"}, "Saint Lucia"},
    {{"LI"}, "Liechtenstein"},
    {{"LK"}, "Sri Lanka"},
    {{"LR"}, "Liberia"},
    {{"LS"}, "Lesotho"},
    {{"LT"}, "Lithuania"},
    {{"LU"}, "Luxembourg"},
    {{"LV"}, "Latvia"},
    {{"LY"}, "Libya"},
    {{"MA"}, "Morocco"},
    {{"MC"}, "Monaco"},
    {{"MD"}, "Moldova"},
    {{"ME"}, "Montenegro"},
    {{"MF"}, "Saint Martin"},
    {{"MG"}, "Madagascar"},
    {{"MH"}, "Marshall Islands"},
    {{"MK"}, "North Macedonia"},
    {{"ML"}, "Mali"},
    {{"MM"}, "Myanmar"},
    {{"MN"}, "Mongolia"},
    {{"MO"}, "Macau"},
    {{"MP"}, "Northern Mariana Islands"},
    {{"MQ"}, "Martinique"},
    {{"MR"}, "Mauritania"},
    {{"MS"}, "Montserrat"},
    {{"MT"}, "Malta"},
    {{"MU"}, "Mauritius"},
    {{"MV"}, "Maldives"},
    {{"MW"}, "Malawi"},
    {{"MX"}, "Mexico"},
    {{"MY"}, "Malaysia"},
    {{"MZ"}, "Mozambique"},
    {{"NA"}, "Namibia"},
    {{"NC"}, "New Caledonia"},
    {{"NE"}, "Niger"},
    {{"NF"}, "Norfolk Island"},
    {{"NG"}, "Nigeria"},
    {{"NI"}, "Nicaragua"},
    {{"NL"}, "Netherlands"},
    {{"NO"}, "Norway"},
    {{"NP"}, "Nepal"},
    {{"NR"}, "Nauru"},
    {{"NU"}, "Niue"},
    {{"NZ"}, "New Zealand"},
    {{"OM"}, "Oman"},
    {{"PA"}, "Panama"},
    {{"PE"}, "Peru"},
    {{"PF"}, "French Polynesia"},
    {{"PG"}, "Papua New Guinea"},
    {{"PH"}, "Philippines"},
    {{"PK"}, "Pakistan"},
    {{"PL"}, "Poland"},
    {{"PM"}, "Saint Pierre and Miquelon"},
    {{"PN"}, "Pitcairn"},
    {{"PR"}, "Puerto Rico"},
    {{"PS"}, "Palestine"},
    {{"PT"}, "Portugal"},
    {{"PW"}, "Palau"},
    {{"PY"}, "Paraguay"},
    {{"QA"}, "Qatar"},
    {{"RE"}, "Réunion"},
    {{"RO"}, "Romania"},
    {{"RS"}, "Serbia"},
    {{"RU"}, "Russia"},
    {{"RW"}, "Rwanda"},
    {{"SA"}, "Saudi Arabia"},
    {{"SB"}, "Solomon Islands"},
    {{"SC"}, "Seychelles"},
    {{"SD"}, "Sudan"},
    {{"SE"}, "Sweden"},
    {{"SG"}, "Singapore"},
    {{"SH"}, "Saint Helena"},
    {{"SI"}, "Slovenia"},
    {{"SJ"}, "Svalbard and Jan Mayen"},
    {{"SK"}, "Slovakia"},
    {{"SL"}, "Sierra Leone"},
    {{"SM"}, "San Marino"},
    {{"SN"}, "Senegal"},
    {{"SO"}, "Somalia"},
    {{"SR"}, "Suriname"},
    {{"SS"}, "South Sudan"},
    {{"ST"}, "São Tomé and Príncipe"},
    {{"SV"}, "El Salvador"},
    {{"SX"}, "Sint Maarten"},
    {{"SY"}, "Syria"},
    {{"SZ"}, "Eswatini (Swaziland)"},
    {{"TC"}, "Turks and Caicos Is"},
    {{"TD"}, "Chad"},
    {{"TF"}, "French Southern Territories"},
    {{"TG"}, "Togo"},
    {{"TH"}, "Thailand"},
    {{"TJ"}, "Tajikistan"},
    {{"TK"}, "Tokelau"},
    {{"TL"}, "East Timor"},
    {{"TM"}, "Turkmenistan"},
    {{"TN"}, "Tunisia"},
    {{"TO"}, "Tonga"},
    {{"TR"}, "Turkey"},
    {{"TT"}, "Trinidad and Tobago"},
    {{"TV"}, "Tuvalu"},
    {{"TW"}, "Taiwan"},
    {{"TZ"}, "Tanzania"},
    {{"UA"}, "Ukraine"},
    {{"UG"}, "Uganda"},
    {{"UM"}, "US Outlying Islands"},
    {{"US"}, "United States"},
    {{"UY"}, "Uruguay"},
    {{"UZ"}, "Uzbekistan"},
    {{"VA"}, "Vatican City"},
    {{"VC"}, "Saint Vincent and the Grenadines"},
    {{"VE"}, "Venezuela"},
    {{"VG"}, "British Virgin Islands"},
    {{"VI"}, "US Virgin Islands"},
    {{"VN"}, "Vietnam"},
    {{"VU"}, "Vanuatu"},
    {{"WF"}, "Wallis and Futuna"},
    {{"WS"}, "Samoa"},
    {{"XK"}, "Kosovo"},
    {{"YE"}, "Yemen"},
    {{"YT"}, "Mayotte"},
    {{"ZA"}, "South Africa"},
    {{"ZM"}, "Zambia"},
    {{"ZW"}, "Zimbabwe"},
};

enum { COUNTRY_COUNT = sizeof(countries) / sizeof(countries[0]) };

static int find(const char code[2])
{
    int low = 0, high = COUNTRY_COUNT - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        int order = memcmp(code, countries[middle].country.code, 2);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return -1;
}

bool country_parse(const char *code, size_t length, struct country *ret)
{
    int found = length == 2 ? find(code) : -1;
    if (found < 0)
        return false;
    *ret = countries[found].country;
    return true;
}

const char *country_name(struct country c)
{
    int found = country_is_known(c) ? find(c.code) : -1;
    return found < 0 ? NULL : countries[found].name;
}

/* What people write for a country and ISO does not: reserved codes, old codes, internet habits, three letters, other
 * names. */
static const char *const habits[][2] = {
    {"UK", "GB"},
    {"EL", "GR"},
    {"SU", "RU"},
    {"USA", "US"},
    {"PRC", "CN"},
    {"RUS", "RU"},
    {"CHN", "CN"},
    {"IRN", "IR"},
    {"PRK", "KP"},
    {"DPRK", "KP"},
    {"GBR", "GB"},
    {"BLR", "BY"},
    {"CUB", "CU"},
    {"VEN", "VE"},
    {"HKG", "HK"},
    {"MAC", "MO"},
    {"TWN", "TW"},
    {"DEU", "DE"},
    {"FRA", "FR"},
    {"BU", "MM"},
    {"TP", "TL"},
    {"ZR", "CD"},
    {"YU", "RS"},
    {"AN", "CW"},
    {"FX", "FR"},
    {"Russian Federation", "RU"},
    {"People's Republic of China", "CN"},
    {"Islamic Republic of Iran", "IR"},
    {"Great Britain", "GB"},
    {"United States of America", "US"},
    {"Korea", "KR"},
    {"Czechia", "CZ"},
    {"Macao", "MO"},
    {"Burma", "MM"},
    {"Holland", "NL"},
    {"Türkiye", "TR"},
};

const char *country_suggestion(const char *wrong)
{
    struct text text = text_of(wrong);
    if (text.length < 2)
        return NULL;
    for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++)
        if (text_equal_nocase(text, text_of(habits[i][0])))
            return habits[i][1];
    for (size_t i = 0; i < COUNTRY_COUNT; i++) {
        bool is_code = text_equal_nocase(text, text_of(countries[i].country.code)) &&
                       strcmp(wrong, countries[i].country.code) != 0;
        if (is_code || text_equal_nocase(text, text_of(countries[i].name)))
            return countries[i].country.code;
    }
    return NULL;
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

void country_explain(const char *wrong, char ret[static COUNTRY_WHY_SIZE])
{
    const char *meant = country_suggestion(wrong);
    if (meant != NULL)
        snprintf(ret, COUNTRY_WHY_SIZE, "(%s is meant)", meant);
    else if (text_equal_nocase(text_of(wrong), text_of("EU")))
        snprintf(ret, COUNTRY_WHY_SIZE,
                 "and no country: list its members, AT, BE, BG, CY, CZ, DE, DK, EE, ES, FI, FR, GR, HR, "
                 "HU, IE, IT, LT, LU, LV, MT, NL, PL, PT, RO, SE, SI, SK");
    else if (is_capital(wrong[0]) && is_capital(wrong[1]) && wrong[2] == '\0')
        snprintf(ret, COUNTRY_WHY_SIZE, "(it is not assigned to any country)");
    else
        snprintf(ret, COUNTRY_WHY_SIZE, "(codes are two capital letters, as in RU)");
}
