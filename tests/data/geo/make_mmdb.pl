#!/usr/bin/perl
# Makes the small MMDB files beside it (Debian: libmaxmind-db-writer-perl). Run in this folder. Addresses and answers are invented.
use strict;
use warnings;
use MaxMind::DB::Writer::Tree;

my %types = (
    traits => 'map', represented_country => 'map', country => 'map', registered_country => 'map', iso_code => 'utf8_string', geoname_id => 'uint32',
    country_code => 'utf8_string', asn => 'utf8_string', as_name => 'utf8_string', names => 'map', en => 'utf8_string',
    autonomous_system_number => 'uint32', autonomous_system_organization => 'utf8_string',
    is_anycast => 'boolean',
);

sub make {
    my ($file, $type, $version, $records, %more) = @_;
    my $tree = MaxMind::DB::Writer::Tree->new(
        ip_version => $version, record_size => $more{size} // 24, database_type => $type, languages => [],
        description => { en => 'test data of bordertap' }, remove_reserved_networks => 0,
        map_key_type_callback => sub { $types{ $_[0] } },
        ($more{aliases} ? (alias_ipv6_to_ipv4 => 1) : ()),
    );
    $tree->insert_network($_->[0], $_->[1]) for @$records;
    open my $out, '>:raw', $file or die "$file: $!";
    $tree->write_tree($out);
    # The build time is part of the file: make it the same each time.
    close $out;
    open $out, '+<:raw', $file or die;
    local $/;
    my $bytes = <$out>;
    my $at = index($bytes, 'build_epoch') + length('build_epoch') + 2;
    my $length = ord(substr($bytes, $at - 2, 1)) & 0x1f;
    substr($bytes, $at, $length) = substr(pack('Q>', 1780272000), 8 - $length); # 2026-06-01
    seek $out, 0, 0;
    print {$out} $bytes;
}

sub flat { return { country_code => $_[0] } }
sub iso {
    my ($country, $registered) = @_;
    return {
        ($country ? (country => { iso_code => $country, geoname_id => 1, names => { en => "name of $country" } }) : ()),
        ($registered ? (registered_country => { iso_code => $registered, geoname_id => 2 }) : ()),
    };
}

# One npm family: flat, IPv4 and IPv6 in one tree, "country ipvAll".
make('dbip-country.mmdb', 'country ipvAll', 6, [
    [ '::1.0.0.0/104', flat('AU') ],
    [ '::5.45.0.0/112', flat('RU') ], [ '::5.45.128.0/113', flat('NL') ], [ '::5.45.200.7/128', flat('DE') ],
    [ '::8.8.8.0/120', flat('US') ], [ '::9.9.9.0/120', flat('EU') ],
    [ '::77.74.176.0/118', flat('RU') ], [ '::104.16.0.0/108', flat('US') ], [ '::223.255.255.0/120', flat('CN') ],
    [ '2001:678::/48', flat('FR') ], [ '2001:678::1:2:3:4/128', flat('GB') ], [ '2001:678::1:2:3:5/128', flat('XK') ],
    [ '2a00:1450::/32', flat('US') ], [ '2a00:1450:4000::/37', flat('IE') ],
    [ '2a02:6b8::/64', flat('RU') ], [ '2a02:6b8::8000:0:0:0/65', flat('FI') ], [ '3ffe::/16', flat('JP') ],
]);
# MaxMind's layout: nested, with registration, aliases and records that hold the country back.
make('GeoLite2-Country.mmdb', 'GeoLite2-Country', 6, [
    [ '::1.0.0.0/104', iso('AU', 'AU') ], [ '::5.45.0.0/112', iso('RU', 'RU') ], [ '::5.45.128.0/113', iso('GB', 'NL') ],
    [ '::8.8.8.0/120', iso('US', 'US') ], [ '::77.74.176.0/118', iso('CH', 'CH') ], [ '::104.16.0.0/108', iso(undef, 'US') ],
    [ '2a00:1450::/32', iso('US', 'IE') ], [ '2001:678::/48', iso(undef, 'FR') ],
], aliases => 1);
# IPinfo Lite's layout: country and AS in one record.
make('ipinfo_lite.mmdb', 'ipinfo lite.mmdb', 6, [
    [ '::8.8.8.0/120', { country_code => 'US', asn => 'AS15169', as_name => 'Google LLC' } ],
    [ '::77.74.176.0/118', { country_code => 'RU', asn => 'AS200107', as_name => 'Kaspersky Lab Switzerland GmbH' } ],
], size => 32);
# MaxMind's Enterprise layout: country, registration and, under traits, the AS.
sub enterprise {
    my ($country, $registered, $asn, $name) = @_;
    return { %{ iso($country, $registered) }, represented_country => { iso_code => 'US' },
        traits => { autonomous_system_number => $asn, autonomous_system_organization => $name } };
}
make('GeoIP2-Enterprise.mmdb', 'GeoIP2-Enterprise', 6, [
    [ '::8.8.8.0/120', enterprise('US', 'US', 15169, 'GOOGLE') ],
    [ '::5.45.0.0/112', enterprise('RU', 'RS', 13238, 'YANDEX LLC') ],
    [ '::104.16.0.0/108', enterprise(undef, 'US', 13335, 'CLOUDFLARENET') ],
    [ '::9.9.10.0/120', { country => { iso_code => 'US' }, traits => { is_anycast => 1 } } ],
    [ '::9.9.11.0/120', { country => { iso_code => 'US' }, traits => { is_anycast => 0 } } ],
]);
# IPv4 alone, the smallest record size and a 28-bit one.
make('GeoLite2-ASN.mmdb', 'GeoLite2-ASN', 4, [
    [ '8.8.8.0/24', { autonomous_system_number => 15169, autonomous_system_organization => 'GOOGLE' } ],
    [ '5.45.0.0/16', { autonomous_system_number => 13238, autonomous_system_organization => 'YANDEX LLC' } ],
    [ '77.74.176.0/22', { autonomous_system_number => 200107, autonomous_system_organization => 'Kaspersky Lab Switzerland GmbH' } ],
], size => 28);
make('iptoasn-country.mmdb', 'country ipvAll', 6, [
    [ '::5.45.0.0/112', flat('RS') ], [ '::8.8.8.0/120', flat('US') ], [ '::77.74.176.0/118', flat('CH') ], [ '2a00:1450::/32', flat('US') ],
]);
