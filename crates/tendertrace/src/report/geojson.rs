//! Where do the buyers of a case sit? One feature a province (or country): how many notices, awards and
//! processes with findings, in the outline of the province. Nothing is placed more exactly than that: the
//! data say in which division a buyer sits, not where.
//!
//! Outlines of the 31 provinces for which there are any under a free licence, simplified to two kilometres;
//! Taiwan, Hong Kong, Macao and other countries are features without a geometry.

use crate::assemble::Case;
use serde_json::{Map, Value, json};

/// Polygons by code of the province (GB/T 2260).
const OUTLINES: &str = include_str!("provinces.json");

/// The outlines by code of the province: polygons of rings of (longitude, latitude).
pub fn outlines() -> Map<String, Value> {
    serde_json::from_str(OUTLINES).expect("a file of our own, held by a test")
}

/// The regions of a case as a GeoJSON feature collection (RFC 7946).
pub fn provinces(case: &Case) -> Value {
    let outlines = outlines();
    let feature = |row: &crate::assemble::GroupRow| {
        let geometry = outlines.get(&row.id).map(|polygons| json!({"type": "MultiPolygon", "coordinates": polygons}));
        json!({
            "type": "Feature",
            "id": row.id,
            "geometry": geometry,
            "properties": {
                "name": row.label,
                "notices": row.notices,
                "awards": row.awards,
                "processes_with_finding": row.with_finding,
                "processes_with_brand_awarded": row.awarded,
            },
        })
    };
    json!({"type": "FeatureCollection", "features": case.regions.iter().map(feature).collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_are_closed_rings_within_the_country() {
        let outlines: Map<String, Value> = serde_json::from_str(OUTLINES).unwrap();
        assert_eq!(outlines.len(), 31);
        for (code, polygons) in &outlines {
            let rings: Vec<&Vec<Value>> =
                polygons.as_array().unwrap().iter().flat_map(|p| p.as_array().unwrap()).map(|r| r.as_array().unwrap()).collect();
            assert!(!rings.is_empty(), "{code}");
            for ring in rings {
                assert!(ring.len() >= 4 && ring.first() == ring.last(), "{code}");
                let inside = |p: &Value| (73.0..136.0).contains(&p[0].as_f64().unwrap()) && (17.0..54.0).contains(&p[1].as_f64().unwrap());
                assert!(ring.iter().all(inside), "{code}");
            }
        }
    }

    #[test]
    fn a_region_without_outline_keeps_its_counts() {
        let row = |id: &str| crate::assemble::GroupRow { id: id.into(), label: None, notices: 3, awards: 2, with_finding: 1, awarded: 1 };
        let case = Case { regions: vec![row("650000"), row("710000")], ..Case::default() };
        let map = provinces(&case);
        assert_eq!(map["features"][0]["geometry"]["type"], "MultiPolygon");
        assert!(map["features"][1]["geometry"].is_null());
        assert_eq!(map["features"][1]["properties"]["notices"], 3);
    }
}
